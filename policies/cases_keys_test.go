package policies

import (
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"math/big"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// keyCases are of thresholds and keys.
var keyCases = []wrong{
	{"ROOT-THRESHOLD", Error, "one signature", "", func(t *testing.T, f *fixture) { f.setRole("root", 1, keyNames["root"]...) }},
	{"ROOT-THRESHOLD", Warning, "four of eight", "", func(t *testing.T, f *fixture) { f.setRole("root", 4, keyNames["root"]...) }},
	{"ROOT-KEYS", Error, "two keys", "uptane-small", func(t *testing.T, f *fixture) {
		f.setRole("root", 2, keyNames["root"][:2]...)
		f.waive("KEY-RESERVE")
	}},
	{"ROOT-KEYS", Warning, "seven keys", "", func(t *testing.T, f *fixture) { f.setRole("root", 5, keyNames["root"][:7]...) }},
	{"TARGETS-THRESHOLD", Error, "one signature", "", func(t *testing.T, f *fixture) { f.setRole("targets", 1, keyNames["targets"]...) }},
	{"TARGETS-THRESHOLD", Warning, "two of four", "", func(t *testing.T, f *fixture) { f.setRole("targets", 2, keyNames["targets"]...) }},
	{"TARGETS-KEYS", Warning, "three keys", "", func(t *testing.T, f *fixture) {
		f.setRole("targets", 3, keyNames["targets"][:3]...)
		f.waive("KEY-RESERVE")
	}},
	{"SNAPSHOT-THRESHOLD", Error, "one of two", "snapshot: {keys: {min: 2}, threshold: {min: 2}}", func(t *testing.T, f *fixture) {}},
	{"TIMESTAMP-THRESHOLD", Error, "one of two", "timestamp: {keys: {min: 2}, threshold: {min: 2}}", func(t *testing.T, f *fixture) {}},
	{"DELEGATED-THRESHOLD", Error, "one of two", "delegated: {keys: {min: 2}, threshold: {min: 2}}", func(t *testing.T, f *fixture) {}},
	{"TIMESTAMP-UNATTENDED", Error, "timestamp without a person", "timestamp: {unattended: forbidden}", func(t *testing.T, f *fixture) {}},
	{"SNAPSHOT-KEYS", Warning, "one key", "", func(t *testing.T, f *fixture) { f.setRole("snapshot", 1, "snapshot-1") }},
	{"TIMESTAMP-KEYS", Warning, "one key", "", func(t *testing.T, f *fixture) { f.setRole("timestamp", 1, "timestamp-1") }},
	{"DELEGATED-KEYS", Warning, "one key", "", func(t *testing.T, f *fixture) { f.acme().KeyIDs = f.acme().KeyIDs[:1]; f.waive("KEY-UNUSED") }},
	{"KEY-STOLEN", Error, "a root key", "", func(t *testing.T, f *fixture) { f.steal("root-3") }},
	{"KEY-STOLEN", Error, "a supplier's key", "", func(t *testing.T, f *fixture) { f.steal("brake-2") }},
	{"KEYS-TOGETHER", Error, "the other key of the role stays", "", func(t *testing.T, f *fixture) {
		f.steal("snapshot-1")
		f.rekey(t, "snapshot", "snapshot-2", "snapshot-3")
		f.rekey(t, "timestamp", "timestamp-3", "timestamp-4")
	}},
	{"KEYS-TOGETHER", Error, "the keys of timestamp stay", "", func(t *testing.T, f *fixture) {
		f.steal("snapshot-1")
		f.rekey(t, "snapshot", "snapshot-3", "snapshot-4")
	}},
	{"KEYS-TOGETHER", Warning, "one key of a server is replaced", "", func(t *testing.T, f *fixture) {
		f.facts("timestamp-1", func(k *KeyFacts) { k.Token = "" })
		f.rekey(t, "timestamp", "timestamp-3", "timestamp-4")
	}},
	{"KEYS-TOGETHER", Error, "a Director's targets stay", "uptane-director", func(t *testing.T, f *fixture) {
		f.steal("snapshot-1")
		f.rekey(t, "snapshot", "snapshot-3", "snapshot-4")
		f.rekey(t, "timestamp", "timestamp-3", "timestamp-4")
		f.waive("TARGETS-CUSTODY", "DELEGATION-DEPTH", "TARGETS-LIFETIME", "SNAPSHOT-LIFETIME", "TIMESTAMP-LIFETIME")
	}},
	{"THRESHOLD-REACHABLE", Error, "three of two", "", func(t *testing.T, f *fixture) { f.acme().Threshold = 3 }},
	{"THRESHOLD-REACHABLE", Error, "no signature at all", "", func(t *testing.T, f *fixture) { f.acme().Threshold = 0; f.waive("DELEGATED-THRESHOLD") }},
	{"THRESHOLD-REACHABLE", Error, "two of two, of which one cannot be used", "", func(t *testing.T, f *fixture) {
		f.acme().Threshold = 2
		f.Next.Targets.Delegations.Keys[0].Problem = errors.New("of no scheme that clients know")
		f.waive("KEY-USABLE", "DELEGATED-KEYS")
	}},
	{"KEY-RESERVE", Warning, "two of two", "", func(t *testing.T, f *fixture) { f.acme().Threshold = 2 }},

	{"KEYS-DISTINCT", Error, "one key under two ids", "", func(t *testing.T, f *fixture) {
		twin := f.keys["acme-1"]
		twin.ID = "0000"
		f.Next.Targets.Delegations.Keys = append(f.Next.Targets.Delegations.Keys, twin)
		f.acme().KeyIDs = append(f.acme().KeyIDs, twin.ID)
	}},
	{"KEYS-ONE-ROLE", Error, "snapshot's key signs timestamp", "", func(t *testing.T, f *fixture) { f.setRole("timestamp", 1, "snapshot-2", "timestamp-2") }},
	{"KEYS-ONE-ROLE", Warning, "in plain TUF that is only unwise", "tuf", func(t *testing.T, f *fixture) {
		f.setRole("timestamp", 1, "snapshot-2", "timestamp-2")
		f.Unattended = []string{}
	}},
	{"DELEGATED-KEYS-APART", Warning, "brake's key signs acme", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Delegations = f.delegate("acme", "acme/*")
		d := f.Next.Targets.Delegations
		d.Keys = append(d.Keys, f.keys["brake-1"])
		f.acme().KeyIDs = append(f.acme().KeyIDs, f.keys["brake-1"].ID)
	}},
	{"KEYS-ONE-REPOSITORY", Error, "the Director's key", "", func(t *testing.T, f *fixture) { f.Elsewhere[f.keys["root-1"].Fingerprint] = "director" }},
	{"KEY-MISSING", Error, "an id without a key", "", func(t *testing.T, f *fixture) { f.acme().KeyIDs = append(f.acme().KeyIDs, "beef") }},
	{"KEY-UNUSED", Note, "a key of no role", "", func(t *testing.T, f *fixture) {
		f.addKey(t, "spare")
		f.Next.Root.Keys = append(f.Next.Root.Keys, f.keys["spare"])
	}},
	{"KEY-USABLE", Error, "a key of an unknown type", "", func(t *testing.T, f *fixture) {
		f.Next.Root.Keys = append(f.Next.Root.Keys, roles.Key{ID: "feed", Problem: errors.New("key type is ml-dsa")})
		f.Next.Root.Roles = append(f.Next.Root.Roles, roles.Role{Name: "servers", Threshold: 1, KeyIDs: []roles.KeyID{"feed"}})
		f.waive("ROLES-EXACT")
	}},
	{"KEY-ID", Warning, "an id that does not follow", "", func(t *testing.T, f *fixture) { f.rename("root-8", "0123456789abcdef") }},
	{"KEY-TYPE", Warning, "P-384", "", func(t *testing.T, f *fixture) {
		f.replace(t, "acme-1", "ecdsa-p384", ecPublic(t, elliptic.P384()))
		f.waive("CLIENT-PEM")
	}},
	{"KEY-TYPE", Warning, "RSA-2048, as old fleets have it", "", func(t *testing.T, f *fixture) {
		f.replace(t, "acme-1", "rsa-2048", rsaPublic(2048))
		f.waive("CLIENT-PEM")
	}},
	{"KEY-TYPE", Error, "RSA of an odd size", "", func(t *testing.T, f *fixture) {
		f.replace(t, "acme-1", "rsa-2304", rsaPublic(2304))
		f.waive("CLIENT-PEM")
	}},
	{"KEY-POSSESSION", Warning, "not proved", "", func(t *testing.T, f *fixture) { f.facts("acme-1", func(k *KeyFacts) { k.Possession = false }) }},

	{"KEY-EXTERNAL", Warning, "signatures by hand", "", func(t *testing.T, f *fixture) { f.facts("acme-1", func(k *KeyFacts) { k.External = true }) }},

	{"KEY-ROCA", Error, "a faulty modulus", "", func(t *testing.T, f *fixture) { f.weak(t, rocaModulus()) }},
	{"KEY-EXPONENT", Error, "exponent 3", "", func(t *testing.T, f *fixture) {
		public := rsaPublic(3072)
		public.E = 3
		f.replace(t, "acme-1", "rsa-3072", public)
		f.waive("CLIENT-PEM")
	}},
	{"KEY-FACTORS", Error, "a small factor", "", func(t *testing.T, f *fixture) {
		f.weak(t, new(big.Int).Mul(primes[0], new(big.Int).Mul(primes[1], big.NewInt(997))))
	}},
	{"KEY-FACTORS", Error, "close factors", "", func(t *testing.T, f *fixture) { f.weak(t, new(big.Int).Mul(primes[1], nextPrime(primes[1]))) }},
	{"KEY-FACTORS", Error, "a square", "", func(t *testing.T, f *fixture) { f.weak(t, new(big.Int).Mul(primes[1], primes[1])) }},
	{"KEY-COMMON-FACTOR", Error, "two keys share a prime", "", func(t *testing.T, f *fixture) {
		f.weak(t, new(big.Int).Mul(primes[1], primes[2]))
		f.replace(t, "acme-2", "rsa-3072", &rsa.PublicKey{N: new(big.Int).Mul(primes[1], primes[3]), E: minExponent})
	}},
	{"KEY-PUBLISHED", Error, "the first key of RFC 8032", "", func(t *testing.T, f *fixture) { f.replace(t, "acme-1", "ed25519", publishedKeys()[0]) }},
	{"KEY-PUBLISHED", Error, "the P-256 key of RFC 6979", "", func(t *testing.T, f *fixture) {
		f.replace(t, "acme-1", "ecdsa-p256", publishedP256(t))
		f.waive("CLIENT-PEM")
	}},
}

// steal has somebody say that a key was stolen.
func (f *fixture) steal(name string) {
	f.Stolen = map[roles.Fingerprint]bool{f.keys[name].Fingerprint: true}
}

// rekey has the next root give a role other keys.
func (f *fixture) rekey(t *testing.T, role string, names ...string) {
	for _, name := range names {
		if _, there := f.keys[name]; !there {
			f.addKey(t, name)
		}
	}
	f.Next.Root.SetRole(role, thresholds[role], f.list(names...))
	f.Signing[role] = f.prints(names[:thresholds[role]]...)
}

// TestKeysTogetherPasses lets a lost token be replaced alone, and a server's keys all
// together.
func TestKeysTogetherPasses(t *testing.T) {
	for name, change := range map[string]func(f *fixture){
		"a token": func(f *fixture) { f.rekey(t, "snapshot", "snapshot-2", "snapshot-3") },
		"all": func(f *fixture) {
			f.steal("snapshot-1")
			f.rekey(t, "snapshot", "snapshot-3", "snapshot-4")
			f.rekey(t, "timestamp", "timestamp-3", "timestamp-4")
		},
		"the first root": func(f *fixture) { f.Previous = nil },
	} {
		f := newFixture(t)
		change(f)
		for _, got := range mustPreset(t, "uptane-image").Check(f.Subject).Findings {
			if got.ID == "KEYS-TOGETHER" || got.ID == "KEY-STOLEN" {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}
