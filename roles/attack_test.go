package roles

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// attack bends one thing of an honest repository.
type attack struct {
	name   string
	format Format // nil for both
	bend   func(r *repo)
	want   string // the refusal, as plainly puts it
}

// test demands that the honest repository is taken and the bent one is not.
// Where stateful, the client remembers the honest one.
func (a attack) test(t *testing.T, stateful bool) {
	for _, f := range Formats {
		if a.format != nil && a.format != f {
			continue
		}
		t.Run(a.name+"/"+f.Name(), func(t *testing.T) {
			r := newRepo(t, f)
			r.timestamp.Version, r.snapshot.Version, r.targets.Version = 5, 5, 5
			r.delegate("targets", "firmware", 7, false, "fw/*").Images = []Image{image("fw/a.bin")}
			var state State
			if stateful {
				state = memory{}
			}
			if _, err := r.publish().verify(state); err != nil {
				t.Fatalf("the honest repository is refused: %v", err)
			}
			a.bend(r)
			_, err := r.verify(state)
			if got := plainly(err); got != a.want {
				t.Errorf("got\n%s\nwant\n%s", got, a.want)
			}
		})
	}
}

var (
	anyID      = regexp.MustCompile(`[0-9a-f]{64,}`)
	anyVersion = regexp.MustCompile(`[0-9]+\.([a-z]+\.json)`)
	anySize    = regexp.MustCompile(`(byte|has|want at most|bytes, want) [0-9]+`)
)

// plainly leaves out of a refusal what differs between the formats: key ids
// and digests, numbers before names, sizes and offsets, the folder.
func plainly(err error) string {
	if err == nil {
		return "no error"
	}
	text := anyID.ReplaceAllString(err.Error(), "ID")
	text = anyVersion.ReplaceAllString(text, "$1")
	text = anySize.ReplaceAllString(text, "$1 N")
	return strings.ReplaceAll(text, "delegations/", "")
}

func TestAttacks(t *testing.T) {
	for _, list := range [][]attack{keyAttacks, thresholdAttacks, rootAttacks, staleAttacks, mixAttacks, endlessAttacks} {
		for _, a := range list {
			a.test(t, false)
		}
	}
}

// keyAttacks are those that some real client lets through.
var keyAttacks = []attack{
	{"one key under two ids", nil, func(r *repo) {
		twin := r.keys(3)[0]
		twin.ID = "00"
		r.root.SetRole("targets", 2, append(r.keys(3), twin))
		r.publish()
	}, "trusted root: signed.keys: one public key under two key ids, 00 and ID"},
	{"one key under two spellings", TUF, func(r *repo) {
		var twins []Key
		for i, keytype := range []string{"ecdsa", "ecdsa-sha2-nistp256"} {
			record := fmt.Sprintf(`{"keytype":%q,"keyval":{"public":%q},"scheme":"ecdsa-sha2-nistp256"}`, keytype, p256Point)
			twins = append(twins, Key{ID: KeyID(fmt.Sprintf("0%d", i)), record: []byte(record)})
		}
		r.root.SetRole("targets", 2, twins)
		r.publish()
	}, "trusted root: signed.keys: one public key under two key ids, 00 and 01"},
	{"one key in two forms, of which one counts", OTACE, func(r *repo) {
		var twins []Key
		for i, end := range []string{`\n`, ""} {
			public := strings.ReplaceAll(strings.TrimSuffix(rsaPEM(r), "\n"), "\n", `\n`) + end
			twins = append(twins, Key{ID: KeyID(fmt.Sprintf("0%d", i)), record: fmt.Appendf(nil, `{"keytype":"RSA","keyval":{"public":"%s"}}`, public)})
		}
		r.root.SetRole("targets", 2, append(r.keys(3, 4), twins...))
		r.publish()
	}, "trusted root: signed.keys: one public key under two key ids, 00 and 01"},
	{"one key under two ids in a delegation", nil, func(r *repo) {
		twin := r.keys(7)[0]
		twin.ID = "00"
		r.targets.Delegations.Keys = append([]Key{twin}, r.targets.Delegations.Keys...)
		r.publish()
	}, "targets.json: signed.delegations.keys: one public key under two key ids, 00 and ID"},
	{"a role that differs in case only", nil, func(r *repo) {
		r.root.Roles = append([]Role{{Name: "Targets", KeyIDs: r.root.Role("snapshot").KeyIDs, Threshold: 1}}, r.root.Roles...)
		r.publish()
	}, `trusted root: signed.roles.Targets: differs from "targets" in case only: some clients take its keys for that role's`},
	{"two delegations of one name", nil, func(r *repo) {
		r.targets.Delegations.Add(DelegatedRole{Role: Role{Name: "firmware", Threshold: 1}, Paths: []string{"*"}}, r.keys(8))
		r.publish()
	}, `targets.json: signed.delegations.roles[1].name: two delegations are called "firmware": some clients merge their keys`},
	{"two delegations that differ in case only", nil, func(r *repo) {
		r.targets.Delegations.Add(DelegatedRole{Role: Role{Name: "Firmware", Threshold: 1}, Paths: []string{"*"}}, r.keys(8))
		r.publish()
	}, `targets.json: signed.delegations.roles[1].name: two delegations are called "Firmware": some clients merge their keys`},
	{"a delegation called like a top-level role", nil, func(r *repo) {
		r.targets.Delegations.Roles[0].Name = "Snapshot"
		r.publish()
	}, `targets.json: signed.delegations.roles[0].name: delegated role is called "Snapshot" like a top-level role`},
	{"a name twice in the file", nil, func(r *repo) {
		r.edit("timestamp", 5, `{"signatures":`, `{"signatures":[],"signatures":`)
	}, `timestamp.json: duplicate name "signatures" (byte N)`},
	{"a name twice in what is signed", nil, func(r *repo) {
		r.changes["timestamp"] = change{`"version":5}}`, `"version":9,"version":5}}`}
		r.publish()
	}, `timestamp.json: signed.meta.snapshot.json: duplicate name "version" (byte N)`},
	{"a name twice in two spellings", nil, func(r *repo) {
		r.changes["targets"] = change{`"length":7`, `"length":7,"l\u0065ngth":8`}
		r.publish()
	}, `targets.json: signed.targets.top.bin: duplicate name "length" (byte N)`},
	{"two signatures of one key id", nil, func(r *repo) {
		r.signers["targets"] = []byte{3, 3}
		r.publish()
	}, "targets.json: signatures[1].keyid: two signatures of key id ID"},
}

// rsaPEM is a public key of 2048 bits that nobody can sign with.
func rsaPEM(t testing.TB) string {
	text, err := MarshalPEM(&rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 2047, 1), E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// p256Point is the base point of P-256, uncompressed.
const p256Point = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
	"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

// smallOrder are Ed25519 keys for which one signature, weakSignature, fits
// every message, and spellings that are no point of the curve.
var smallOrder = map[string]string{
	"is of small order: it would accept forged signatures": "01" + strings.Repeat("00", 31),
	"is not a point of the curve":                          "02" + strings.Repeat("00", 31),
	"is not in its canonical encoding":                     "ee" + strings.Repeat("ff", 30) + "7f",
}

// TestSmallOrder forges timestamps without any private key.
func TestSmallOrder(t *testing.T) {
	weakSignature := append([]byte{1}, make([]byte, 63)...)
	for want, public := range smallOrder {
		raw, err := hex.DecodeString(public)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewKey(TUF, ed25519.PublicKey(raw)); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("NewKey: got %v, want %s", err, want)
		}
		for f, record := range map[Format]string{
			TUF:   `{"keytype":"ed25519","keyval":{"public":"` + public + `"},"scheme":"ed25519"}`,
			OTACE: `{"keytype":"ED25519","keyval":{"public":"` + public + `"}}`,
		} {
			r := newRepo(t, f)
			r.root.SetRole("timestamp", 1, []Key{{ID: "00", record: []byte(record)}})
			r.publish()
			r.files["timestamp.json"] = r.join(r.signedOf(r.timestamp), signature{"00", "ed25519", weakSignature})
			_, err := r.verify(nil)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", f.Name(), err, want)
			}
		}
	}
	if !ed25519.Verify(ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...)), []byte("anything"), weakSignature) {
		t.Error("the signature is no forgery; the test shows nothing")
	}
}

// thresholdAttacks lack signatures.
var thresholdAttacks = []attack{
	{"one signature short", nil, func(r *repo) {
		r.signers["targets"] = []byte{3}
		r.publish()
	}, "targets.json: signatures: 1 of 2 signatures that role targets needs by root 1 (possible arbitrary software attack)"},
	{"no signature", nil, func(r *repo) {
		r.signers["snapshot"] = nil
		r.publish()
	}, "snapshot.json: signatures: 0 of 1 signatures that role snapshot needs by root 1 (possible arbitrary software attack)"},
	{"a key of another role", nil, func(r *repo) {
		r.signers["timestamp"] = []byte{5}
		r.publish()
	}, "timestamp.json: signatures: 0 of 1 signatures that role timestamp needs by root 1; signature of key id ID does not count: it is not a key of role timestamp (possible arbitrary software attack)"},
	{"a delegated role signed by its delegator", nil, func(r *repo) {
		r.signers["firmware"] = []byte{3, 4}
		r.publish()
	}, "firmware.json: signatures: 0 of 1 signatures that role firmware needs by targets 5; signature of key id ID does not count: it is not a key of role firmware; signature of key id ID does not count: it is not a key of role firmware (possible arbitrary software attack)"},
	{"a changed byte", nil, func(r *repo) { r.edit("timestamp", 5, `"version":5`, `"version":6`) }, "timestamp.json: signatures: 0 of 1 signatures that role timestamp needs by root 1; signature of key id ID does not count: signature does not fit the content (possible arbitrary software attack)"},
	{"a threshold of 0", nil, func(r *repo) {
		r.changes["root"] = change{`"threshold":1`, `"threshold":0`}
		r.publish()
	}, "trusted root: signed.roles.snapshot.threshold: got 0, want at least 1 (byte N)"},
	{"a negative threshold", nil, func(r *repo) {
		r.changes["targets"] = change{`"threshold":1`, `"threshold":-1`}
		r.publish()
	}, "targets.json: signed.delegations.roles[0].threshold: got -1, want at least 1 (byte N)"},
	{"a file of another role", TUF, func(r *repo) {
		r.root.SetRole("snapshot", 1, r.keys(6))
		r.signers["snapshot"] = []byte{6}
		r.publish()
		r.files["timestamp.json"] = r.files[r.f.MetadataPath("snapshot", 5)]
	}, `timestamp.json: signed._type: got "snapshot", want "timestamp" in format tuf`},
}

// rootAttacks publish a root 2 that must not be taken.
var rootAttacks = []attack{
	{"signed by old keys only", nil, func(r *repo) { r.rotate(2, 0, 1) }, "root.json: signatures: 0 of 2 signatures that role root needs by root 2; signature of key id ID does not count: it is not a key of role root; signature of key id ID does not count: it is not a key of role root (possible arbitrary software attack)"},
	{"signed by new keys only", nil, func(r *repo) { r.rotate(2, 10, 11) }, "root.json: signatures: 0 of 2 signatures that role root needs by root 1; signature of key id ID does not count: it is not a key of role root; signature of key id ID does not count: it is not a key of role root (possible arbitrary software attack)"},
	{"one old signature short", nil, func(r *repo) { r.rotate(2, 0, 10, 11) }, "root.json: signatures: 1 of 2 signatures that role root needs by root 1; signature of key id ID does not count: it is not a key of role root; signature of key id ID does not count: it is not a key of role root (possible arbitrary software attack)"},
	{"one new signature short", nil, func(r *repo) { r.rotate(2, 0, 1, 10) }, "root.json: signatures: 1 of 2 signatures that role root needs by root 2; signature of key id ID does not count: it is not a key of role root; signature of key id ID does not count: it is not a key of role root (possible arbitrary software attack)"},
	{"a version too low", nil, func(r *repo) {
		r.rotate(1, 0, 1, 10, 11)
		r.files["2.root.json"] = r.files["1.root.json"]
		r.root = newRepo(r, r.f).root
		r.publish()
	}, "root.json: signed.version: got 1, want 2 (possible rollback attack)"},
	{"a gap between versions", nil, func(r *repo) {
		r.rotate(3, 0, 1, 10, 11)
		r.files["2.root.json"] = r.files["3.root.json"]
	}, "root.json: signed.version: got 3, want 2: roots follow one another without a gap"},
	{"a root of format ota-ce", TUF, func(r *repo) {
		r.files["2.root.json"] = newRepo(r, OTACE).publish().files["1.root.json"]
	}, `root.json: signed._type: got "Root", want "root" in format tuf`},
	{"a root of format tuf", OTACE, func(r *repo) {
		r.files["2.root.json"] = newRepo(r, TUF).publish().files["1.root.json"]
	}, `root.json: signatures[0].method: got "", want ed25519 or rsassa-pss-sha256`},
	{"a root without a role", nil, func(r *repo) {
		r.root.Roles = slices.DeleteFunc(r.root.Roles, func(role Role) bool { return role.Name == "snapshot" })
		r.rotate(2, 0, 1, 10, 11)
	}, "root.json: signed.roles.snapshot: the role is missing"},
	{"a root that is too large", nil, func(r *repo) {
		r.root.Extra = []Member{{Name: "filler", Raw: fmt.Appendf(nil, "%q", strings.Repeat("x", int(r.f.MaxBytes(TypeRoot))))}}
		r.rotate(2, 0, 1, 10, 11)
	}, "root.json: the file has N bytes, want at most N (possible endless data attack)"},
}

// staleAttacks hold back news: every file expires in the second of the run.
var staleAttacks = []attack{
	{"expired root", nil, func(r *repo) { r.root.Expires = now; r.publish() }, "trusted root: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)"},
	{"expired timestamp", nil, func(r *repo) { r.timestamp.Expires = now; r.publish() }, "timestamp.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)"},
	{"expired snapshot", nil, func(r *repo) { r.snapshot.Expires = now; r.publish() }, "snapshot.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)"},
	{"expired targets", nil, func(r *repo) { r.targets.Expires = now; r.publish() }, "targets.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)"},
	{"expired delegated role", nil, func(r *repo) { r.delegated["firmware"].Expires = now; r.publish() }, "firmware.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)"},
}

// endlessAttacks make a client read on and on.
var endlessAttacks = []attack{
	{"a timestamp with a tail of spaces", nil, func(r *repo) {
		r.files["timestamp.json"] = append(r.files["timestamp.json"], bytes.Repeat([]byte(" "), int(r.f.MaxBytes(TypeTimestamp)))...)
	}, "timestamp.json: the file has N bytes, want at most N (possible endless data attack)"},
	{"objects without end", nil, func(r *repo) {
		r.files["timestamp.json"] = bytes.Repeat([]byte(`{"a":`), 1000)
	}, "timestamp.json: " + strings.Repeat("a.", 63) + "a: nested too deeply; want at most N levels (byte N)"},
	{"bytes behind the end", nil, func(r *repo) {
		r.files["timestamp.json"] = append(r.files["timestamp.json"], '}')
	}, "timestamp.json: got '}', want the end of the file (byte N)"},
}

// mixAttacks combine files that do not belong together, each signed honestly.
var mixAttacks = []attack{
	{"a snapshot of another size", nil, func(r *repo) {
		r.snapshot.Extra = []Member{{Name: "x", Raw: []byte("1")}}
		r.sign("snapshot", r.snapshot)
	}, "snapshot.json: the file has N bytes, want at most N (possible endless data attack)"},
	{"a snapshot of the same size", nil, func(r *repo) {
		r.snapshot.Expires = r.snapshot.Expires.AddDate(1, 0, 0)
		r.sign("snapshot", r.snapshot)
	}, "snapshot.json: sha256 is ID, want ID (possible mix-and-match attack)"},
	{"targets of another version than stated", nil, func(r *repo) {
		r.targets.Version = 6
		r.snapshot.Meta[1] = r.sign("targets", r.targets)
		r.snapshot.Meta[1].Version = 5
		r.files[r.f.MetadataPath("targets", 5)] = r.files[r.f.MetadataPath("targets", 6)]
		r.publishSnapshot()
	}, "targets.json: signed.version: got 6, want 5 as snapshot says (possible mix-and-match attack)"},
	{"targets of the same size", nil, func(r *repo) {
		r.targets.Images[0].Length++
		r.sign("targets", r.targets)
	}, "targets.json: sha256 is ID, want ID (possible mix-and-match attack)"},
	{"a delegated role of the same size", nil, func(r *repo) {
		r.delegated["firmware"].Images[0].Length++
		r.sign("firmware", r.delegated["firmware"])
	}, "firmware.json: sha256 is ID, want ID (possible mix-and-match attack)"},
	{"targets of a version that snapshot does not state", nil, func(r *repo) {
		r.snapshot.Meta[1].Version = 6
		r.publishSnapshot()
		r.files[r.f.MetadataPath("targets", 6)] = r.files[r.f.MetadataPath("targets", 5)]
	}, "targets.json: signed.version: got 5, want 6 as snapshot says (possible mix-and-match attack)"},
	{"a snapshot of a version that timestamp does not state", nil, func(r *repo) {
		r.timestamp.Snapshot.Version = 6
		r.sign("timestamp", r.timestamp)
		r.files[r.f.MetadataPath("snapshot", 6)] = r.files[r.f.MetadataPath("snapshot", 5)]
	}, "snapshot.json: signed.version: got 5, want 6 as timestamp says (possible mix-and-match attack)"},
	{"a delegated role that snapshot does not list", nil, func(r *repo) {
		r.snapshot.Meta = r.snapshot.Meta[1:]
		r.publishSnapshot()
	}, "snapshot.json: signed.meta: firmware.json is not listed, but a role is delegated to it (possible mix-and-match attack)"},
	{"a snapshot without targets", nil, func(r *repo) {
		r.snapshot.Meta = r.snapshot.Meta[:1]
		r.publishSnapshot()
	}, "snapshot.json: signed.meta: targets.json is missing"},
	{"a timestamp of two snapshots", TUF, func(r *repo) {
		r.changes["timestamp"] = change{`"meta":{`, `"meta":{"other.json":{"version":1},`}
		r.publish()
	}, "timestamp.json: signed.meta: want exactly one entry, snapshot.json (TUF 1.0.34 §4.6)"},
	{"an image that nobody can check", nil, func(r *repo) {
		r.changes["targets"] = change{`"sha256"`, `"md5"`}
		r.publish()
	}, "targets.json: signed.targets.top.bin.hashes: got neither sha256 nor sha512: nobody could check the image"},
	{"a timestamp without hashes", OTACE, func(r *repo) {
		r.timestamp.Snapshot.Hashes = Hashes{}
		r.sign("timestamp", r.timestamp)
	}, "timestamp.json: signed.meta.snapshot.json: want hashes and length, without which vehicles refuse the file"},
}

// rollbackAttacks show a client less than it has seen.
var rollbackAttacks = []attack{
	{"an older timestamp", nil, func(r *repo) {
		r.timestamp.Version = 4
		r.publishSnapshot()
	}, "timestamp.json: signed.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"an older snapshot", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version = 6, 4
		r.publishSnapshot()
	}, "timestamp.json: signed.meta.snapshot.json.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"an older timestamp under a newer root", nil, func(r *repo) {
		r.timestamp.Version = 4
		r.rotate(2, 0, 1, 10, 11)
		r.publishSnapshot()
	}, "timestamp.json: signed.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"older targets", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version, r.targets.Version = 6, 6, 4
		r.publish()
	}, "snapshot.json: signed.meta.targets.json.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"an older delegated role", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version, r.delegated["firmware"].Version = 6, 6, 4
		r.publish()
	}, "snapshot.json: signed.meta.firmware.json.version: got 4, want at least 5, which was seen before (possible rollback attack)"},
	{"a role that is gone", nil, func(r *repo) {
		r.timestamp.Version, r.snapshot.Version, r.targets.Version = 6, 6, 6
		r.targets.Delegations, r.delegated = nil, nil
		r.publish()
	}, "snapshot.json: signed.meta: firmware.json is not listed any more; it was listed in version 5 (possible rollback attack)"},
}

func TestRollbackAttacks(t *testing.T) {
	for _, a := range rollbackAttacks {
		a.test(t, true)
	}
}

// TestFastForward recovers from version numbers that an attacker drove up: new
// keys for timestamp and snapshot make the client forget them (TUF 1.0.34
// §5.3.11).
func TestFastForward(t *testing.T) {
	for _, f := range Formats {
		r, state := newRepo(t, f), memory{}
		r.timestamp.Version, r.snapshot.Version = maxVersion, maxVersion
		if _, err := r.publish().verify(state); err != nil {
			t.Fatal(err)
		}
		r.timestamp.Version, r.snapshot.Version = 2, 2
		r.root.SetRole("timestamp", 1, r.keys(12))
		r.signers["timestamp"] = []byte{12}
		r.rotate(2, 0, 1, 10, 11)
		c, err := r.publishSnapshot().verify(state)
		if err != nil || c.Timestamp().Version != 2 || !strings.Contains(c.Report().String(), "the remembered timestamp and snapshot are forgotten") {
			t.Errorf("%s: got %v\n%s", f.Name(), err, c.Report())
		}
	}
}

// TestSplitRoot shows a client another root of a version that it has seen,
// signed by all the right keys.
func TestSplitRoot(t *testing.T) {
	for _, f := range Formats {
		r, state := newRepo(t, f), memory{}
		r.publish()
		r.rotate(2, 0, 1, 10, 11)
		if _, err := r.verify(state); err != nil {
			t.Fatal(err)
		}
		r.root.Expires = r.root.Expires.AddDate(1, 0, 0)
		r.rotate(2, 0, 1, 10, 11)
		_, err := r.verify(state)
		if want := "2.root.json: it is not the root of version 2 that was seen before (possible mix-and-match attack)"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", f.Name(), err, want)
		}
	}
}

// TestDirectorDelegates refuses a Director that hands its word on (Uptane
// Standard 2.1.0 §5.4.4.6).
func TestDirectorDelegates(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		r.delegate("targets", "firmware", 7, false, "fw/*")
		c, err := NewClient(r.publish().files["1.root.json"], r, now)
		if err != nil {
			t.Fatal(err)
		}
		c.Director = true
		want := "targets.json: signed.delegations: a Director must not delegate (possible arbitrary software attack)"
		if got := plainly(c.Refresh()); got != want {
			t.Errorf("%s: got %s, want %s", f.Name(), got, want)
		}
	}
}
