package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/uptane/keyrite/roles"
)

// object is a JSON object as another tool writes it.
type object = map[string]any

// foreignFleet is a repository that another tool has signed so far, with keys in
// files.
type foreignFleet struct {
	dir    string
	format roles.Format
	keys   map[string]foreignKey
	err    error
}

// foreignKey is a private key with the key object and the key id of its tool.
type foreignKey struct {
	signer crypto.Signer
	id     string
	record object
}

// foreignRepository makes the repository of another tool in OUT, and its private
// keys as PEM in OUT-keys. The SHA-256 of root 1 is in $ROOT1 afterwards.
//
//	foreign ota-ce|ota-ce-ed25519|tuf-on-ci|foreign-ids|rstuf OUT
func foreignRepository(ts *testscript.TestScript, neg bool, args []string) {
	make := map[string]func(*foreignFleet){"ota-ce": otaCE("rsa"), "ota-ce-ed25519": otaCE("ed25519"), "tuf-on-ci": tufOnCI, "foreign-ids": foreignIDs, "rstuf": rstuf}
	if neg || len(args) != 2 || make[args[0]] == nil {
		ts.Fatalf("usage: foreign ota-ce|ota-ce-ed25519|tuf-on-ci|foreign-ids|rstuf OUT")
	}
	f := &foreignFleet{dir: ts.MkAbs(args[1]), format: roles.TUF, keys: map[string]foreignKey{}}
	make[args[0]](f)
	ts.Check(f.err)
	for _, name := range []string{"1.root.json", "metadata/root_history/1.root.json"} {
		if data, err := os.ReadFile(filepath.Join(f.dir, name)); err == nil {
			ts.Setenv("ROOT1", fmt.Sprintf("%x", sha256.Sum256(data)))
		}
	}
}

func (f *foreignFleet) check(err error) {
	if f.err == nil {
		f.err = err
	}
}

// key makes a key pair; change is what its tool does to the key object, and id the
// key id, "" for the right one.
func (f *foreignFleet) key(name, kind, id string, change object) string {
	var signer crypto.Signer
	var err error
	switch kind {
	case "rsa":
		signer, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ecdsa":
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	}
	f.check(err)
	own, err := roles.NewKey(f.format, signer.Public())
	f.check(err)
	record := object{}
	f.check(json.Unmarshal(own.Record(), &record))
	for field, value := range change {
		record[field] = value
	}
	if id == "" {
		id = f.idOf(own, record)
	}
	f.keys[name] = foreignKey{signer, id, record}
	der, err := x509.MarshalPKCS8PrivateKey(signer)
	f.check(err)
	f.write("../"+filepath.Base(f.dir)+"-keys/"+name+".pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return name
}

func (f *foreignFleet) idOf(own roles.Key, record object) string {
	if f.format == roles.OTACE {
		return string(own.ID)
	}
	return fmt.Sprintf("%x", sha256.Sum256(f.canonical(record)))
}

func (f *foreignFleet) canonical(value any) []byte {
	text, err := json.Marshal(value)
	f.check(err)
	data, err := f.format.Canonical(text)
	f.check(err)
	return data
}

// role lists keys; with a threshold of one.
func (f *foreignFleet) role(names ...string) object {
	var ids []string
	for _, name := range names {
		ids = append(ids, f.keys[name].id)
	}
	return object{"keyids": ids, "threshold": 1}
}

func (f *foreignFleet) records(names ...string) object {
	records := object{}
	for _, name := range names {
		records[f.keys[name].id] = f.keys[name].record
	}
	return records
}

func (f *foreignFleet) sign(name string, message []byte) string {
	k := f.keys[name]
	sum := sha256.Sum256(message)
	var value []byte
	var err error
	switch signer := k.signer.(type) {
	case *rsa.PrivateKey:
		value, err = rsa.SignPSS(rand.Reader, signer, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: 32})
	case *ecdsa.PrivateKey:
		value, err = ecdsa.SignASN1(rand.Reader, signer, sum[:])
	case ed25519.PrivateKey:
		value = ed25519.Sign(signer, message)
	}
	f.check(err)
	if f.format == roles.OTACE {
		return base64.StdEncoding.EncodeToString(value)
	}
	return hex.EncodeToString(value)
}

// put signs a file and writes it, in canonical bytes, under its names.
func (f *foreignFleet) put(signed object, signers []string, names ...string) []byte {
	signed["expires"] = "2030-01-02T03:04:05Z"
	if f.format == roles.TUF {
		signed["spec_version"] = "1.0.31"
	} else {
		kind := signed["_type"].(string)
		signed["_type"] = strings.ToUpper(kind[:1]) + kind[1:]
	}
	message := f.canonical(signed)
	var signatures []object
	for _, name := range signers {
		s := object{"keyid": f.keys[name].id, "sig": f.sign(name, message)}
		if f.format == roles.OTACE {
			s["method"] = map[bool]string{true: "ed25519", false: "rsassa-pss-sha256"}[f.keys[name].record["keytype"] == "ED25519"]
		}
		signatures = append(signatures, s)
	}
	file := object{"signatures": signatures, "signed": signed}
	data, err := json.Marshal(file) // which is no canonical form of TUF: that has raw newlines
	f.check(err)
	if f.format == roles.OTACE {
		data = f.canonical(file)
	}
	for _, name := range names {
		f.write(name, data)
	}
	return data
}

func (f *foreignFleet) write(name string, data []byte) {
	full := filepath.Join(f.dir, name)
	f.check(os.MkdirAll(filepath.Dir(full), 0o755))
	f.check(os.WriteFile(full, data, 0o600))
}

func stated(version int, data []byte) object {
	return object{"version": version, "length": len(data), "hashes": object{"sha256": fmt.Sprintf("%x", sha256.Sum256(data))}}
}

func image(custom object) object {
	return object{"length": 4, "hashes": object{"sha256": strings.Repeat("ab", 32)}, "custom": custom}
}

// otaCE is an Image repository of OTA Community Edition, by the type of its root's key
// (RSA-2048 of old fleets, Ed25519 of newer ones): the roles of newer servers, a
// supplier, and fields that nobody knows.
func otaCE(root string) func(*foreignFleet) {
	return func(f *foreignFleet) { otaCEFleet(f, root) }
}

func otaCEFleet(f *foreignFleet, kind string) {
	f.format = roles.OTACE
	all := []string{f.key("root", kind, "", nil), f.key("targets", "ed25519", "", nil), f.key("online", "ed25519", "", nil)}
	f.key("acme", "ed25519", "", nil)
	root := func(version int, extra object) object {
		return object{"_type": "root", "version": version, "consistent_snapshot": false, "keys": f.records(all...), "roles": object{
			"root": f.role("root"), "targets": f.role("targets"), "snapshot": f.role("online"), "timestamp": f.role("online"),
			"offline-updates": f.role("targets"), "offline-snapshot": f.role("online"), "remote-sessions": f.role("online")}}
	}
	f.put(root(1, nil), []string{"root"}, "1.root.json")
	f.put(root(2, nil), []string{"root"}, "2.root.json", "root.json")
	custom := object{"name": "gateway", "version": "1", "hardwareIds": []string{"gw"}, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "uri": "https://example.com/gw"}
	acme := f.put(object{"_type": "targets", "version": 3, "targets": object{"acme/abs.bin": image(custom)}}, []string{"acme"}, "delegations/acme.json")
	targets := f.put(object{"_type": "targets", "version": 7, "targets": object{"gw.bin": image(custom)}, "delegations": object{
		"keys": f.records("acme"), "roles": []object{{"name": "acme", "keyids": []string{f.keys["acme"].id}, "threshold": 1, "paths": []string{"acme/*"}, "terminating": false}}}},
		[]string{"targets"}, "targets.json")
	snapshot := f.put(object{"_type": "snapshot", "version": 9, "meta": object{"targets.json": stated(7, targets), "acme.json": stated(3, acme)}}, []string{"online"}, "snapshot.json")
	f.put(object{"_type": "timestamp", "version": 40, "meta": object{"snapshot.json": stated(9, snapshot)}}, []string{"online"}, "timestamp.json")
}

// tufOnCI is a repository as tuf-on-ci keeps it in git: no numbers in names, the roots
// in root_history, its own fields in keys and files.
func tufOnCI(f *foreignFleet) {
	f.key("alice", "ecdsa", "", object{"x-tuf-on-ci-keyowner": "@alice"})
	f.key("online", "ecdsa", "", object{"x-tuf-on-ci-online-uri": "awskms:alias/online"})
	online := f.role("online")
	online["x-tuf-on-ci-expiry-period"], online["x-tuf-on-ci-signing-period"] = 4, 2
	root := object{"_type": "root", "version": 1, "consistent_snapshot": true, "x-tuf-on-ci-expiry-period": 300, "x-tuf-on-ci-signing-period": 60,
		"keys": f.records("alice", "online"), "roles": object{"root": f.role("alice"), "targets": f.role("alice"), "snapshot": online, "timestamp": online}}
	f.put(root, []string{"alice"}, "metadata/root.json", "metadata/root_history/1.root.json")
	f.put(object{"_type": "targets", "version": 2, "x-tuf-on-ci-expiry-period": 120, "x-tuf-on-ci-signing-period": 30, "targets": object{"app.bin": image(object{"x": 1})}}, []string{"alice"}, "metadata/targets.json")
	f.put(object{"_type": "snapshot", "version": 3, "meta": object{"targets.json": object{"version": 2}}}, []string{"online"}, "metadata/snapshot.json")
	f.put(object{"_type": "timestamp", "version": 4, "meta": object{"snapshot.json": object{"version": 3}}}, []string{"online"}, "metadata/timestamp.json")
}

// foreignIDs is a repository of an early TUF library: key ids that follow from nothing,
// keyid_hash_algorithms, fields that nobody knows, no consistent snapshots, and a supplier
// with a dot in its name and patterns of a shell.
func foreignIDs(f *foreignFleet) {
	old := object{"keyid_hash_algorithms": []string{"sha256", "sha512"}, "x-made": "by hand"}
	all := []string{f.key("root", "ed25519", "the-root-key", old), f.key("targets", "rsa", "targets:1", old), f.key("online", "ed25519", strings.Repeat("0", 64), old)}
	root := object{"_type": "root", "version": 1, "consistent_snapshot": false, "x-note": object{"kept": []int{1, 2}}, "keys": f.records(all...), "roles": object{
		"root": f.role("root"), "targets": f.role("targets"), "snapshot": f.role("online"), "timestamp": f.role("online")}}
	root["roles"].(object)["targets"].(object)["x-role"] = "kept"
	f.put(root, []string{"root"}, "1.root.json", "root.json")
	f.key("maps", "ed25519", "", nil)
	f.put(object{"_type": "targets", "version": 2, "targets": object{"maps/1.bin": image(object{"x": 2})}}, []string{"maps"}, "maps.eu.json")
	supplier := f.role("maps")
	supplier["name"], supplier["paths"], supplier["terminating"] = "maps.eu", []string{"maps/?.bin", "maps/[a-z]/*/**"}, true
	f.put(object{"_type": "targets", "version": 5, "x-targets": true, "targets": object{"app.bin": image(object{"x": 1})},
		"delegations": object{"keys": f.records("maps"), "roles": []object{supplier}}}, []string{"targets"}, "targets.json")
	f.put(object{"_type": "snapshot", "version": 6, "meta": object{"targets.json": object{"version": 5}, "maps.eu.json": object{"version": 2}}}, []string{"online"}, "snapshot.json")
	f.put(object{"_type": "timestamp", "version": 7, "meta": object{"snapshot.json": object{"version": 6}}}, []string{"online"}, "timestamp.json")
}

// rstuf is a repository of RSTUF: one online key, images in hash bins.
func rstuf(f *foreignFleet) {
	f.key("jimi", "ed25519", "", object{"x-rstuf-key-name": "Jimi Hendrix"})
	f.key("online", "ed25519", "", object{"x-rstuf-online-key-uri": "fn:online"})
	online := f.role("online")
	f.put(object{"_type": "root", "version": 1, "consistent_snapshot": true, "keys": f.records("jimi", "online"),
		"roles": object{"root": f.role("jimi"), "targets": online, "snapshot": online, "timestamp": online}}, []string{"jimi"}, "1.root.json")
	bins := f.role("online")
	bins["bit_length"], bins["name_prefix"] = 1, "bins"
	meta := object{"targets.json": object{"version": 1}}
	for _, bin := range []string{"bins-0", "bins-1"} {
		meta[bin+".json"] = object{"version": 1}
		f.put(object{"_type": "targets", "version": 1, "targets": object{}}, []string{"online"}, "1."+bin+".json")
	}
	f.put(object{"_type": "targets", "version": 1, "targets": object{}, "delegations": object{"keys": f.records("online"), "succinct_roles": bins}}, []string{"online"}, "1.targets.json")
	f.put(object{"_type": "snapshot", "version": 1, "meta": meta}, []string{"online"}, "1.snapshot.json")
	f.put(object{"_type": "timestamp", "version": 1, "meta": object{"snapshot.json": object{"version": 1}}}, []string{"online"}, "timestamp.json")
}

// keep copies the metadata of the Image repository to $KEYRITE_TAKEN/NAME, if that is
// set: clients of others judge there what was taken over (make interop).
//
//	keep NAME
func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keep NAME")
	}
	to := os.Getenv("KEYRITE_TAKEN")
	if to == "" {
		return
	}
	to = filepath.Join(to, args[0])
	ts.Check(os.RemoveAll(to))
	ts.Check(os.CopyFS(filepath.Join(to, "metadata"), os.DirFS(ts.MkAbs("image/metadata"))))
}

// signs signs what keyrite sign-request --output json has just asked for, with the very
// commands that it gives for a tool, openssl where none is named. REPO is a folder of the
// name in tuf. The file that it makes is in $SIG afterwards.
//
//	signs KEY.pem [TOOL]
func signs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: signs KEY.pem [TOOL]")
	}
	tool := append(args, "openssl")[1]
	var answer struct{ Result signRequests }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &answer))
	requests := answer.Result.Requests
	if len(requests) != 1 {
		ts.Fatalf("got %+v, want one request", requests)
	}
	for _, c := range requests[0].Commands {
		if c.With != tool {
			continue
		}
		for _, line := range c.Lines {
			ts.Check(ts.Exec("sh", "-ec", strings.NewReplacer("KEY.pem", args[0], "KEY", args[0]).Replace(line)))
		}
		ts.Setenv("SIG", c.Takes)
		return
	}
	ts.Fatalf("there is no command of %s: %+v", tool, requests[0].Commands)
}
