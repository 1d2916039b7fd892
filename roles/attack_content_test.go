package roles

import (
	"bytes"
	"strings"
)

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
	}, "snapshot.json: signed.meta: firmware.json is not listed, but a role is delegated to it: its file is not delivered yet"},
	{"a snapshot without targets", nil, func(r *repo) {
		r.snapshot.Meta = r.snapshot.Meta[:1]
		r.publishSnapshot()
	}, "snapshot.json: signed.meta: targets.json is missing"},
	{"a timestamp of two snapshots", TUF, func(r *repo) {
		r.changes["timestamp"] = change{`"meta":{`, `"meta":{"other.json":{"version":1},`}
		r.publish()
	}, "timestamp.json: signed.meta: want exactly one entry, snapshot.json (TUF 1.0.34 §4.6)"},
	{"an image without a name", nil, func(r *repo) {
		r.changes["targets"] = change{`"top.bin"`, `""`}
		r.publish()
	}, "targets.json: signed.targets: an image without a name (byte N)"},
	{"an image that nobody can check", nil, func(r *repo) {
		r.changes["targets"] = change{`"sha256"`, `"md5"`}
		r.publish()
	}, "targets.json: signed.targets.top.bin.hashes: got neither sha256 nor sha512: nobody could check the image"},
	{"a timestamp without hashes", OTACE, func(r *repo) {
		r.timestamp.Snapshot.Hashes = Hashes{}
		r.sign("timestamp", r.timestamp)
	}, "timestamp.json: signed.meta.snapshot.json: want hashes and length, without which vehicles refuse the file"},
}
