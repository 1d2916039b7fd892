package policies

import (
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/roles"
)

// wrong is one field that is wrong, and the one check that has to find it.
type wrong struct {
	id       string
	severity Severity
	name     string
	policy   string // see policyOf
	change   func(t *testing.T, f *fixture)
}

var cases = []wrong{
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

	{"ROOT-CUSTODY", Error, "extractable", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Evidence = &Evidence{Local: true, Sensitive: true, Extractable: true} })
	}},
	{"ROOT-CUSTODY", Error, "to be made for backup", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Planned, k.Backup, k.Evidence = true, true, nil })
	}},
	{"ROOT-CUSTODY", Error, "brought in from elsewhere", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Evidence = &Evidence{Sensitive: true, NeverExtractable: true} })
	}},
	{"ROOT-CUSTODY", Error, "a token without evidence", "", func(t *testing.T, f *fixture) { f.facts("root-1", func(k *KeyFacts) { k.Evidence = nil }) }},
	{"ROOT-CUSTODY", Note, "evidence that can be changed", "", func(t *testing.T, f *fixture) { f.facts("root-1", func(k *KeyFacts) { k.Evidence.Modifiable = true }) }},
	{"TARGETS-CUSTODY", Error, "extractable once", "", func(t *testing.T, f *fixture) {
		f.facts("targets-1", func(k *KeyFacts) { k.Evidence.NeverExtractable = false })
	}},
	{"TARGETS-CUSTODY", Error, "extractable, whatever else it says", "", func(t *testing.T, f *fixture) {
		f.facts("targets-1", func(k *KeyFacts) { k.Evidence.Extractable = true })
	}},
	{"TARGETS-CUSTODY", Error, "not sensitive", "", func(t *testing.T, f *fixture) {
		f.facts("targets-1", func(k *KeyFacts) { k.Evidence.Sensitive = false })
	}},
	{"TARGETS-CUSTODY", Warning, "a Director whose key asks a person", "uptane-director", func(t *testing.T, f *fixture) {
		f.director()
		f.facts("targets-1", func(k *KeyFacts) { k.Token = "officer's" })
	}},
	{"SNAPSHOT-CUSTODY", Warning, "not sensitive", "tuf", func(t *testing.T, f *fixture) {
		f.facts("snapshot-1", func(k *KeyFacts) { k.Evidence.Sensitive = false })
		f.Unattended = []string{}
	}},
	{"TIMESTAMP-CUSTODY", Warning, "a Director whose key asks a person", "uptane-director", func(t *testing.T, f *fixture) {
		f.director()
		f.facts("timestamp-1", func(k *KeyFacts) { k.Token = "officer's" })
		f.Unattended = []string{}
	}},
	{"DELEGATED-CUSTODY", Error, "not local", "", func(t *testing.T, f *fixture) { f.facts("acme-1", func(k *KeyFacts) { k.Evidence.Local = false }) }},
	{"ROOT-UNATTENDED", Error, "root without a person", "", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "root") }},
	{"TARGETS-UNATTENDED", Error, "targets without a person", "", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "targets") }},
	{"TARGETS-UNATTENDED", Warning, "in a small fleet", "uptane-small", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "targets") }},
	{"SNAPSHOT-UNATTENDED", Warning, "in plain TUF", "tuf", func(t *testing.T, f *fixture) {}},
	{"DELEGATED-UNATTENDED", Error, "a delegation without a person", "", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "acme") }},
	{"TOKEN-QUORUM", Error, "five root keys on one token", "", func(t *testing.T, f *fixture) {
		for _, name := range keyNames["root"][:5] {
			f.facts(name, func(k *KeyFacts) { k.Token = "safe" })
		}
	}},
	{"TOKEN-APART", Warning, "root and timestamp on one token", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Token = "token of timestamp-1" })
	}},
	{"CUSTODIAN-QUORUM", Error, "one person holds three targets keys", "", func(t *testing.T, f *fixture) {
		for _, name := range keyNames["targets"][:3] {
			f.facts(name, func(k *KeyFacts) { k.Custodian = "custodian of targets-1" })
		}
	}},
	{"CUSTODIAN-APART", Note, "one person holds two root keys", "", func(t *testing.T, f *fixture) {
		f.facts("root-2", func(k *KeyFacts) { k.Custodian = "custodian of root-1" })
	}},
	{"CUSTODIAN-APART", Note, "nobody is named", "", func(t *testing.T, f *fixture) { f.facts("root-2", func(k *KeyFacts) { k.Custodian = "" }) }},
	{"OFFICERS-ENOUGH", Warning, "four officers for five signatures", "", func(t *testing.T, f *fixture) { f.People.Officers["root"] = 4 }},
	{"PARTS-APART", Error, "the administrator is a witness", "", func(t *testing.T, f *fixture) {
		f.People.Present = append(f.People.Present, Person{Name: " ada", Part: Witness})
	}},
	{"PEOPLE-PRESENT", Error, "no witness", "", func(t *testing.T, f *fixture) { f.People.Witnesses = 2 }},
	{"PEOPLE-PRESENT", Error, "no administrator", "", func(t *testing.T, f *fixture) { f.People.Administrators = 2 }},
	{"QUORUM-PRESENT", Error, "an officer is absent", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Custodian = "Eve" })
	}},

	{"SIGN-QUORUM", Error, "two of three sign targets", "", func(t *testing.T, f *fixture) { f.Signing["targets"] = f.prints("targets-1", "targets-2") }},
	{"SIGN-QUORUM", Error, "one key signs three times", "", func(t *testing.T, f *fixture) {
		f.Signing["targets"] = f.prints("targets-1", "targets-1", "targets-1")
	}},
	{"SIGN-QUORUM", Error, "a role that nobody trusts", "", func(t *testing.T, f *fixture) { f.Signing["other"] = f.prints("acme-1") }},
	{"SIGN-OLD-QUORUM", Error, "new keys only", "", func(t *testing.T, f *fixture) {
		for i, name := range []string{"new-1", "new-2", "new-3", "new-4", "new-5"} {
			f.addKey(t, name)
			f.facts(name, func(k *KeyFacts) { k.Custodian = "custodian of " + keyNames["root"][i] })
		}
		names := []string{"new-1", "new-2", "new-3", "new-4", "new-5", "root-6", "root-7", "root-8"}
		f.Next.Root.SetRole("root", 5, f.list(names...))
		f.Signing["root"] = f.prints(names[:5]...)
	}},
	{"SIGN-OLD-QUORUM", Error, "four of five old keys", "", func(t *testing.T, f *fixture) {
		f.addKey(t, "new-1")
		f.facts("new-1", func(k *KeyFacts) { k.Custodian = "custodian of root-1" })
		names := append([]string{"new-1"}, keyNames["root"][1:]...)
		f.Next.Root.SetRole("root", 5, f.list(names...))
		f.Signing["root"] = f.prints(names[:5]...)
	}},

	{"ROOT-STEP", Error, "version 3 after 1", "", func(t *testing.T, f *fixture) {
		f.Next.Root.Version = 3
		f.Roots = []int64{1, 2, 3}
	}},
	{"VERSION-STEP", Error, "the same version again", "", func(t *testing.T, f *fixture) { f.Next.Targets.Version = 1 }},
	{"VERSION-STEP", Error, "a lower version", "", func(t *testing.T, f *fixture) { f.Previous.Timestamp.Version = 7 }},
	{"VERSION-STEP", Error, "one version lower", "", func(t *testing.T, f *fixture) { f.Previous.Timestamp.Version = 3 }},
	{"VERSION-STEP", Error, "a supplier's file goes back", "", func(t *testing.T, f *fixture) { f.Previous.Delegated["acme"].Version = 5 }},
	{"VERSION-STEP", Warning, "a jump", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Version = 9 }},
	{"VERSION-STEP", Warning, "down, with new keys for both", "", func(t *testing.T, f *fixture) {
		f.Previous.Snapshot.Version = 2_000_000
		f.freshOnline(t)
	}},
	{"VERSION-STEP", Error, "down, with new keys for snapshot only", "", func(t *testing.T, f *fixture) {
		f.Previous.Snapshot.Version = 2_000_000
		kept := f.Next.Root.Role("timestamp").KeyIDs
		f.freshOnline(t)
		f.Next.Root.Role("timestamp").KeyIDs = append(f.Next.Root.Role("timestamp").KeyIDs, kept[0])
		f.Next.Root.Keys = append(f.Next.Root.Keys, f.keys["timestamp-1"])
	}},
	{"VERSION-LIMIT", Error, "version 0, as old files have it", "", func(t *testing.T, f *fixture) {
		f.found()
		f.Next.Delegated["acme"].Version = 0
	}},
	{"VERSION-LIMIT", Error, "more than 31 bits", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Version = 1 << 31 }},
	{"VERSION-LIMIT", Warning, "half way", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Version = 1<<30 + 1 }},
	{"ROOT-ROTATIONS", Error, "300 roots", "", func(t *testing.T, f *fixture) { f.rotate(300) }},
	{"ROOT-ROTATIONS", Warning, "140 roots", "", func(t *testing.T, f *fixture) { f.rotate(140) }},
	{"ROOTS-KEPT", Error, "version 1 is gone", "", func(t *testing.T, f *fixture) { f.Roots = []int64{2} }},
	{"SNAPSHOT-KEEPS", Error, "a name is dropped", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Meta = f.Next.Snapshot.Meta[1:] }},

	{"CLOCK", Error, "before the inputs", "", func(t *testing.T, f *fixture) { f.NotBefore = now.Add(time.Minute) }},
	{"EXPIRED", Error, "a supplier's file", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Expires = now }},
	{"EXPIRED", Warning, "an old copy of what a service renews", "", func(t *testing.T, f *fixture) {
		delete(f.Signing, "timestamp")
		f.Next.Timestamp.Version, f.Next.Timestamp.Expires = 1, now.Add(-day)
	}},
	{"EXPIRED", Error, "in what was found", "", func(t *testing.T, f *fixture) {
		f.Signing = nil
		f.Previous = f.Next
		f.Next.Timestamp.Expires = now.Add(-day)
	}},
	{"RENEWAL", Warning, "a supplier's file", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Expires = now.Add(2 * day) }},
	{"EXPIRY-ORDER", Warning, "timestamp outlives snapshot", "", func(t *testing.T, f *fixture) {
		f.Next.Snapshot.Expires = now.Add(2 * day)
		f.Next.Timestamp.Expires = now.Add(3 * day)
	}},
	{"ROOT-LIFETIME", Error, "too short", "", func(t *testing.T, f *fixture) { f.Next.Root.Expires = now.Add(40 * day); f.waive("EXPIRY-ORDER") }},
	{"TARGETS-LIFETIME", Error, "a day, which no renewal mends", "", func(t *testing.T, f *fixture) { f.Next.Targets.Expires = now.Add(day); f.waive("EXPIRY-ORDER") }},
	{"ROOT-LIFETIME", Error, "ten years", "", func(t *testing.T, f *fixture) { f.Next.Root.Expires = now.Add(3650 * day) }},
	{"ROOT-LIFETIME", Warning, "two years", "", func(t *testing.T, f *fixture) { f.Next.Root.Expires = now.Add(730 * day) }},
	{"TARGETS-LIFETIME", Warning, "half a year", "", func(t *testing.T, f *fixture) { f.Next.Targets.Expires = now.Add(180 * day) }},
	{"SNAPSHOT-LIFETIME", Warning, "two months", "", func(t *testing.T, f *fixture) { f.Next.Snapshot.Expires = now.Add(60 * day) }},
	{"TIMESTAMP-LIFETIME", Error, "an hour", "", func(t *testing.T, f *fixture) { f.Next.Timestamp.Expires = now.Add(time.Hour) }},
	{"DELEGATED-LIFETIME", Error, "two years", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Expires = now.Add(730 * day) }},
	{"ROOT-SIZE", Error, "64 KiB and a byte", "", func(t *testing.T, f *fixture) { f.Next.Bytes["root"] = 65537 }},
	{"ROOT-SIZE", Warning, "40 KiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["root"] = 40 << 10 }},
	{"TARGETS-SIZE", Error, "2 GiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["targets"] = 2 << 30 }},
	{"SNAPSHOT-SIZE", Error, "100 MiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["snapshot"] = 100 << 20 }},
	{"TIMESTAMP-SIZE", Error, "1 MiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["timestamp"] = 1 << 20 }},
	{"DELEGATED-SIZE", Error, "2 GiB", "", func(t *testing.T, f *fixture) { f.Next.Bytes["acme"] = 2 << 30 }},

	{"ROLES-EXACT", Error, "mirrors", "", func(t *testing.T, f *fixture) {
		f.Next.Root.Roles = append(f.Next.Root.Roles, roles.Role{Name: "mirrors", Threshold: 1})
	}},
	{"CONSISTENT-SNAPSHOT", Warning, "plain names", "", func(t *testing.T, f *fixture) { f.Next.Root.ConsistentSnapshot = false }},
	{"CLIENT-SPEC-VERSION", Note, "1.0.31", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].SpecVersion = "1.0.31" }},
	{"CLIENT-PEM", Note, "one P-256 key", "", func(t *testing.T, f *fixture) { f.replace(t, "acme-1", "ecdsa-p256", ecPublic(t, elliptic.P256())) }},

	{"CLIENT-LIMITS", Note, "a fraction in a time", "", func(t *testing.T, f *fixture) {
		f.Next.Delegated["acme"].SpelledExpires = "2027-01-22T09:00:00.5Z"
	}},
	{"CLIENT-LIMITS", Error, "two dots in a path", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.rename1("gateway..1.bin")
	}},
	{"CLIENT-LIMITS", Error, "no hardware ids", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.addImage(roles.Image{Path: "clock-1.bin", Hashes: roles.HashesOf(nil), Custom: []byte(`{"releaseCounter":1}`)})
		f.waive("IMAGE-HARDWARE")
	}},
	{"CLIENT-LIMITS", Error, "a long pattern, in what was found", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.found()
		f.addPath("acme/" + strings.Repeat("x", 249))
	}},
	{"CLIENT-LIMITS", Note, "a root that the key server refuses", "", func(t *testing.T, f *fixture) {
		f.otaCE(t)
		f.Next.Root.Extra = []roles.Member{{Name: "x", Raw: []byte("1")}}
	}},

	{"DELEGATION-DEPTH", Error, "a Director delegates", "uptane-director", func(t *testing.T, f *fixture) {
		f.director()
		f.Next.Targets.Delegations = f.delegate("acme", "acme/*")
		f.waive("DELEGATION-FILE")
	}},
	{"DELEGATION-NAMES", Error, "one name twice", "", func(t *testing.T, f *fixture) {
		inner := f.Next.Delegated["acme"].Delegations
		inner.Roles = append(inner.Roles, roles.DelegatedRole{Role: roles.Role{Name: "Brake", KeyIDs: inner.Roles[0].KeyIDs, Threshold: 1}, Paths: []string{"acme/wheel-*"}})
		f.waive("DELEGATED-KEYS-APART", "DELEGATION-NAME-FORM", "DELEGATION-FILE")
	}},
	{"DELEGATION-NAME-FORM", Error, "out of the folder", "", func(t *testing.T, f *fixture) { f.renameBrake("../brake") }},
	{"DELEGATION-NAME-FORM", Warning, "digits alone", "", func(t *testing.T, f *fixture) { f.renameBrake("20") }},
	{"DELEGATION-TERMINATING", Warning, "terminating", "", func(t *testing.T, f *fixture) { f.acme().Terminating = true }},
	{"DELEGATION-HASHES", Warning, "hash prefixes", "", func(t *testing.T, f *fixture) {
		f.acme().Paths, f.acme().HashPrefixes = nil, []string{""}
	}},
	{"DELEGATION-FILE", Warning, "no file", "", func(t *testing.T, f *fixture) {
		delete(f.Next.Delegated, "brake")
		f.waive("HARDWARE-KEPT")
	}},
	{"PATTERN-FORM", Error, "a question mark", "", func(t *testing.T, f *fixture) { f.addPath("acme/lam?-1.bin") }},
	{"PATTERN-FORM", Warning, "a question mark in what others made", "", func(t *testing.T, f *fixture) {
		f.found()
		f.addPath("acme/lam?-1.bin")
	}},
	{"PATTERN-FORM", Warning, "digits in a supplier's file", "", func(t *testing.T, f *fixture) {
		inner := &f.Next.Delegated["acme"].Delegations.Roles[0]
		inner.Paths = append(inner.Paths, "acme/brake-[0-9].bin")
	}},
	{"PATTERN-FORM", Error, "two stars", "", func(t *testing.T, f *fixture) { f.addPath("acme/**") }},
	{"PATTERN-FORM", Error, "braces in what others made", "", func(t *testing.T, f *fixture) {
		f.found()
		f.addPath("acme/{lamp,horn}.bin")
	}},
	{"PATTERN-FORM", Error, "not ASCII", "", func(t *testing.T, f *fixture) { f.addPath("acme/é") }},
	{"PATTERN-FORM", Warning, "a star inside", "", func(t *testing.T, f *fixture) { f.addPath("acme/*.bin") }},
	{"PATTERN-WIDE", Error, "everything", "", func(t *testing.T, f *fixture) { f.addPath("*") }},
	{"PATTERN-PREFIX", Warning, "another's name", "", func(t *testing.T, f *fixture) { f.addPath("bosch/*") }},
	{"PATTERN-OVERLAP", Warning, "two suppliers, one path", "", func(t *testing.T, f *fixture) { f.rival(false) }},
	{"PATTERN-OVERLAP", Error, "behind a terminating one", "", func(t *testing.T, f *fixture) { f.rival(true) }},
	{"PATTERN-CHAIN", Error, "more than was given", "", func(t *testing.T, f *fixture) {
		inner := &f.Next.Delegated["acme"].Delegations.Roles[0]
		inner.Paths = append(inner.Paths, "bosch/*")
	}},

	{"IMAGE-PATH", Error, "out of the folder", "", func(t *testing.T, f *fixture) { f.rename1("../gateway-1.bin") }},
	{"IMAGE-PATH", Error, "percent", "", func(t *testing.T, f *fixture) { f.rename1("gateway%2f1.bin") }},
	{"IMAGE-PATH", Error, "a question mark", "", func(t *testing.T, f *fixture) { f.rename1("gateway?1.bin") }},
	{"IMAGE-PATH", Error, "a colon", "", func(t *testing.T, f *fixture) { f.rename1("gateway:1.bin") }},
	{"IMAGE-PATH", Warning, "a hash sign in what others made", "", func(t *testing.T, f *fixture) {
		f.rename1("gateway#1.bin")
		f.found()
	}},
	{"IMAGE-PATH", Warning, "a colon in a supplier's file", "", func(t *testing.T, f *fixture) {
		f.Next.Delegated["acme"].Images[0].Path = "acme/lamp:1.bin"
		f.Previous.Delegated["acme"].Images[0].Path = "acme/lamp:1.bin"
	}},
	{"IMAGE-PATH", Error, "a backslash in what others made", "", func(t *testing.T, f *fixture) {
		f.rename1("gateway\\1.bin")
		f.found()
	}},
	{"IMAGE-PATH", Error, "decomposed", "", func(t *testing.T, f *fixture) { f.rename1("gate\u0301.bin") }},
	{"IMAGE-PATH", Warning, "a space", "", func(t *testing.T, f *fixture) { f.rename1("gateway 1.bin") }},
	{"IMAGE-PATH", Warning, "a leading dot", "", func(t *testing.T, f *fixture) { f.rename1(".gateway") }},
	{"IMAGE-CASE", Warning, "capitals", "", func(t *testing.T, f *fixture) { f.addImage(image("Gateway-1.bin", "clock", 1)) }},
	{"IMAGE-UNIQUE", Error, "two files, one path", "", func(t *testing.T, f *fixture) {
		twin := image("acme/lamp-1.bin", "lamp", 2)
		twin.Length++
		f.addImage(twin)
		f.waive("COUNTER-FLAT", "IMAGE-CHANGED")
	}},
	{"IMAGE-CHANGED", Error, "another hash", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Images[0].Hashes = roles.HashesOf([]byte("other"))
	}},
	{"IMAGE-HASHES", Error, "sha512 alone", "", func(t *testing.T, f *fixture) { f.Next.Targets.Images[0].Hashes.SHA256 = nil }},
	{"IMAGE-ALLOWED", Error, "beyond the supplier's paths", "", func(t *testing.T, f *fixture) {
		acme := f.Next.Delegated["acme"]
		acme.Images = append(acme.Images, image("bosch/wiper-1.bin", "wiper", 1))
	}},
	{"IMAGE-CUSTOM", Warning, "a counter in quotes", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Images[0].Custom = []byte(`{"hardwareIds":["gateway"],"releaseCounter":"4"}`)
	}},
	{"IMAGE-HARDWARE", Warning, "no hardware", "", func(t *testing.T, f *fixture) {
		f.addImage(roles.Image{Path: "clock-1.bin", Hashes: roles.HashesOf(nil), Custom: []byte(`{"releaseCounter":1}`)})
	}},
	{"HARDWARE-KEPT", Warning, "the lamp has none", "", func(t *testing.T, f *fixture) { f.Next.Delegated["acme"].Images = nil }},
	{"ECU-UNIQUE", Error, "one ECU, two images", "", func(t *testing.T, f *fixture) {
		for _, path := range []string{"clock-1.bin", "clock-2.bin"} {
			f.addImage(roles.Image{Path: path, Hashes: roles.HashesOf(nil), Custom: []byte(`{"ecuIdentifiers":{"E1":{"hardwareId":"` + path + `"}},"releaseCounter":1}`)})
		}
	}},
	{"IMAGE-COUNTER", Warning, "no counter", "", func(t *testing.T, f *fixture) {
		f.addImage(roles.Image{Path: "clock-1.bin", Hashes: roles.HashesOf(nil), Custom: []byte(`{"hardwareIds":["clock"]}`)})
	}},
	{"COUNTER-CARRIED", Error, "lower than before", "", func(t *testing.T, f *fixture) { f.Previous.Targets.Images[0].Custom = image("", "gateway", 5).Custom }},
	{"COUNTER-CARRIED", Error, "another role forgets it", "", func(t *testing.T, f *fixture) {
		f.Previous.Targets.Images = append([]roles.Image{image("acme/lamp-1.bin", "lamp", 3)}, f.Previous.Targets.Images...)
		f.Previous.Delegated["acme"].Images = nil
	}},
	{"COUNTER-RISES", Warning, "a new image with a lower one", "", func(t *testing.T, f *fixture) {
		f.Next.Targets.Images = []roles.Image{image("gateway-2.bin", "gateway", 3)}
	}},
	{"COUNTER-FLAT", Note, "two images, one counter", "", func(t *testing.T, f *fixture) { f.addImage(image("gateway-2.bin", "gateway", 4)) }},
	{"IMAGE-OBSOLETE", Note, "the old image stays", "", func(t *testing.T, f *fixture) { f.addImage(image("gateway-2.bin", "gateway", 5)) }},

	{"WAIVERS", Error, "for no check", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-TRESHOLD", "typo", "Ada"}} }},
	{"WAIVERS", Error, "without a reason", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-THRESHOLD", "", "Ada"}} }},
	{"WAIVERS", Error, "without a person", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-THRESHOLD", "hurry", " "}} }},
	{"WAIVERS", Error, "that cannot be", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"KEYS-DISTINCT", "hurry", "Ada"}} }},
	{"WAIVERS-NEEDED", Warning, "nothing is found", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-KEYS", "second site", "Ada"}} }},
}

// policyOf returns uptane-image, the preset of a name, or uptane-image with
// limits of roles of one's own.
func policyOf(t *testing.T, policy string) *Policy {
	switch {
	case policy == "":
		return mustPreset(t, "uptane-image")
	case strings.Contains(policy, ":"):
		return mustNew(t, "version: 1\nextends: uptane-image\nroles:\n  "+policy)
	}
	return mustPreset(t, policy)
}

// TestOneFieldWrong shows for every check that exactly it finds the one field
// that is wrong, and nothing else does.
func TestOneFieldWrong(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range cases {
		tried[c.id] = true
		t.Run(c.id+"/"+c.name, func(t *testing.T) {
			f := newFixture(t)
			c.change(t, f)
			found := 0
			for _, got := range policyOf(t, c.policy).Check(f.Subject).Findings {
				switch {
				case got.Waived != nil && got.Waived.Person == bystander:
				case got.ID != c.id:
					t.Errorf("also found: %s", got)
				case got.Severity != c.severity:
					t.Errorf("severity is %s, want %s: %s", got.Severity, c.severity, got)
				default:
					found++
				}
			}
			if found == 0 {
				t.Error("not found")
			}
		})
	}
	for _, c := range Checks() {
		if !tried[c.ID] {
			t.Errorf("%s: no case shows that it finds anything", c.ID)
		}
	}
}
