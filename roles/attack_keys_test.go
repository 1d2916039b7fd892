package roles

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// keyAttacks are those that some real client lets through.
var keyAttacks = []attack{
	{"one key under two ids", nil, func(r *repo) {
		twin := r.keys(3)[0]
		twin.ID = "00"
		r.root.SetRole("targets", 2, append(r.keys(3), twin))
		r.signers["targets"], r.twins["targets"] = []byte{3}, twin.ID
		r.publish()
	}, "targets.json: signatures: 1 of 2 signatures that role targets needs by root 1; signature of key id 00 does not count: the same public key signed already (possible arbitrary software attack)"},
	{"one key under two spellings", TUF, func(r *repo) {
		twin := r.keys(3)[0]
		twin.ID, twin.record = "00", fmt.Appendf(nil, `{"keytype":"ed25519","keyval":{"public":"%X"}}`, twin.Public)
		r.root.SetRole("targets", 2, append(r.keys(3, 4), twin))
		r.signers["targets"], r.twins["targets"] = []byte{3}, twin.ID
		r.publish()
	}, "targets.json: signatures: 1 of 2 signatures that role targets needs by root 1; signature of key id 00 does not count: the same public key signed already (possible arbitrary software attack)"},
	{"one key under two ids in a delegation", nil, func(r *repo) {
		twin := r.keys(7)[0]
		twin.ID = "00"
		d := r.targets.Delegations
		d.Keys = append([]Key{twin}, d.Keys...)
		d.Roles[0].KeyIDs, d.Roles[0].Threshold = append(d.Roles[0].KeyIDs, twin.ID), 2
		r.twins["firmware"] = twin.ID
		r.publish()
	}, "firmware.json: signatures: 1 of 2 signatures that role firmware needs by targets 5; signature of key id 00 does not count: the same public key signed already (possible arbitrary software attack)"},
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
	}, `timestamp.json: the name "signatures" is given twice: programs take the last, people read the first (byte N)`},
	{"a name twice in what is signed", nil, func(r *repo) {
		r.changes["timestamp"] = change{`"version":5}}`, `"version":9,"version":5}}`}
		r.publish()
	}, `timestamp.json: signed.meta.snapshot.json: the name "version" is given twice: programs take the last, people read the first (byte N)`},
	{"a name twice in two spellings", nil, func(r *repo) {
		r.changes["targets"] = change{`"length":7`, `"length":7,"l\u0065ngth":8`}
		r.publish()
	}, `targets.json: signed.targets.top.bin: the name "length" is given twice: programs take the last, people read the first (byte N)`},
	{"two signatures of one key id", nil, func(r *repo) {
		r.signers["targets"] = []byte{3, 3}
		r.publish()
	}, "targets.json: signatures[1].keyid: two signatures of key id ID"},
}

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
