package roles

import (
	"fmt"
	"slices"
	"strings"
)

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
