package roles

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// testKey makes the n-th test key of a format.
func testKey(t testing.TB, f Format, n byte) (Key, ed25519.PrivateKey) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(slices.Repeat([]byte{n}, ed25519.SeedSize))
	k, err := NewKey(f, private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return k, private
}

func named(k Key) string {
	for n := range byte(20) {
		if private := ed25519.NewKeyFromSeed(slices.Repeat([]byte{n}, ed25519.SeedSize)); private.Public().(ed25519.PublicKey).Equal(k.Public) {
			return "key-" + string('a'+rune(n))
		}
	}
	return string(k.ID)
}

func lines(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.String() + "\n")
	}
	return b.String()
}

func TestDiffRoot(t *testing.T) {
	var keys []Key
	for n := range byte(4) {
		k, _ := testKey(t, TUF, n)
		keys = append(keys, k)
	}
	old := NewRoot(TUF)
	old.Version, old.Expires = 1, now
	for _, role := range TopLevel {
		old.SetRole(string(role), 1, keys[:1])
	}
	old.SetRole("root", 2, keys[:3])
	updated := NewRoot(TUF)
	updated.Version, updated.Expires = 2, now.Add(24*time.Hour)
	for _, role := range TopLevel {
		updated.SetRole(string(role), 1, keys[:1])
	}
	updated.SetRole("root", 1, []Key{keys[0], keys[3]})
	updated.Extra = []Member{{"x-note", []byte(`{"a": 1}`)}}

	want := `root: version: 1 → 2
root: expires: 2026-11-23T12:00:00Z → 2026-11-24T12:00:00Z
root: field x-note: added {"a": 1}
root: threshold of root: 2 → 1
root: key of role root: removed key-b
root: key of role root: removed key-c
root: key of role root: added key-d
`
	if got := lines(Diff(old, updated, DiffOptions{KeyName: named})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := Diff(old, old, DiffOptions{}); len(got) != 0 {
		t.Errorf("a root differs from itself:\n%s", lines(got))
	}
	first := lines(Diff(nil, old, DiffOptions{KeyName: named}))
	for _, want := range []string{"root: version: added 1\n", "root: role root: added threshold 2 of 3 keys\n", "root: key of role timestamp: added key-a\n", "root: consistent_snapshot: added true\n"} {
		if !strings.Contains(first, want) {
			t.Errorf("first version lacks %q:\n%s", want, first)
		}
	}
}

func TestDiffTargets(t *testing.T) {
	a, _ := testKey(t, TUF, 0)
	b, _ := testKey(t, TUF, 1)
	image := func(path, content, custom string) Image {
		i := Image{Path: path, Length: int64(len(content)), Hashes: HashesOf([]byte(content))}
		i.Hashes.SHA512 = nil
		if custom != "" {
			i.Custom = []byte(custom)
		}
		return i
	}
	old := &Targets{Head: Head{Version: 3, Expires: now}, Images: []Image{
		image("a", "one", ""), image("b", "two", `{"hardwareIds":["x"],"n":1}`), image("c", "three", ""),
	}, Delegations: &Delegations{}}
	old.Delegations.Add(DelegatedRole{Role: Role{Name: "acme", Threshold: 1}, Paths: []string{"acme/*"}}, []Key{a})
	old.Delegations.Add(DelegatedRole{Role: Role{Name: "bolt", Threshold: 1}, Paths: []string{"bolt/*"}}, []Key{a})
	updated := &Targets{Head: Head{Version: 4, Expires: now}, Images: []Image{
		image("b", "two", `{"n":1, "hardwareIds":["x"]}`), image("c", "drei!", `{"n":2}`), image("d", "four", ""),
	}, Delegations: &Delegations{}}
	updated.Delegations.Add(DelegatedRole{Role: Role{Name: "bolt", Threshold: 1}, Paths: []string{"bolt/*"}, Terminating: true}, []Key{a})
	updated.Delegations.Add(DelegatedRole{Role: Role{Name: "acme", Threshold: 2}, Paths: []string{"acme/*", "new/*"}}, []Key{a, b})
	updated.Delegations.Add(DelegatedRole{Role: Role{Name: "crank\x1b[2K", Threshold: 1}, HashPrefixes: []string{"0a"}}, []Key{b})

	want := `targets: version: 3 → 4
targets: threshold of acme: 1 → 2
targets: key of delegation acme: added key-b
targets: paths of acme: acme/* → acme/*, new/*
targets: terminating bolt: false → true
targets: delegation crank\u001b[2K: added threshold 1 of 1 keys
targets: key of delegation crank\u001b[2K: added key-b
targets: paths of crank\u001b[2K: added hash prefixes 0a
targets: terminating crank\u001b[2K: added false
targets: order of delegations: acme, bolt → bolt, acme
targets: image a: removed 3 bytes, sha256 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
targets: image hashes of c: sha256 8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f → sha256 464e542b632cc3b1beb95cf5caa8ba21efa91130fe056fe56e7e7c55759c413b
targets: image custom of c: added {"n":2}
targets: image d: added 4 bytes, sha256 04efaf080f5a3e74e1c29d1ca6a48569382cbbcd324e8d59d2b83ef21c039f00
`
	if got := lines(Diff(old, updated, DiffOptions{KeyName: named})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestDiffSnapshot(t *testing.T) {
	old := &Snapshot{Head: Head{Version: 1, Expires: now}, Meta: []Meta{{Name: "old.json", Version: 1, Length: -1}, {Name: "targets.json", Version: 1, Length: 10}}}
	updated := &Snapshot{Head: Head{Version: 2, Expires: now}, Meta: []Meta{{Name: "new.json", Version: 7, Length: 5}, {Name: "targets.json", Version: 2, Length: 10}}}
	want := `snapshot: version: 1 → 2
snapshot: file new.json: added version 7, 5 bytes
snapshot: file old.json: removed version 1
snapshot: file targets.json: version 1, 10 bytes → version 2, 10 bytes
`
	if got := lines(Diff(old, updated, DiffOptions{})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	stamp := func(v int64) *Timestamp {
		return &Timestamp{Head: Head{Version: v, Expires: now}, Snapshot: Meta{Name: "snapshot.json", Version: v, Length: -1}}
	}
	want = "timestamp: version: added 5\ntimestamp: expires: added 2026-11-23T12:00:00Z\ntimestamp: file snapshot.json: added version 5\n"
	if got := lines(Diff(nil, stamp(5), DiffOptions{})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestDiffOdd tells what rarely changes: unknown fields, key ids, roles and
// delegations that go, digests that keyrite does not know.
func TestDiffOdd(t *testing.T) {
	a, _ := testKey(t, TUF, 0)
	renamed := a
	renamed.ID = "other-id"
	useless := Key{ID: "pq", Problem: errors.New("unknown type")}
	old := &Root{Head: Head{Version: 1, Expires: now, Extra: []Member{{"x", []byte("1")}, {"y", []byte(`{"a":1,"b":2}`)}}}, Keys: []Key{a, useless}}
	old.Roles = []Role{{Name: "mirrors", KeyIDs: []KeyID{a.ID}, Threshold: 1}, {Name: "root", KeyIDs: []KeyID{a.ID, "lost"}, Threshold: 1, Extra: []Member{{"z", []byte("1")}}}}
	updated := &Root{Head: Head{Version: 2, Expires: now, Extra: []Member{{"y", []byte(`{"b": 2, "a": 1}`)}}}, Keys: []Key{renamed}}
	updated.Roles = []Role{{Name: "root", KeyIDs: []KeyID{renamed.ID}, Threshold: 1, Extra: []Member{{"z", []byte("2")}}}}
	want := `root: version: 1 → 2
root: field x: removed 1
root: key of role root: removed lost
root: key id of key-a in root: ` + string(a.ID) + ` → other-id
root: field root.z: 1 → 2
root: role mirrors: removed threshold 1 of 1 keys
root: key of role mirrors: removed key-a
root: key of no role: removed pq
`
	if got := lines(Diff(old, updated, DiffOptions{KeyName: named})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}

	blake := func(digest string) Hashes {
		h := HashesOf([]byte("a"))
		h.SHA512, h.Other = nil, []Member{{"blake2b", []byte(digest)}}
		return h
	}
	before := &Targets{Head: Head{Version: 1, Expires: now}, Images: []Image{{Path: "a", Length: 1, Hashes: blake(`"00"`)}, {Path: "b", Length: 1, Hashes: blake(`"00"`)}}, Delegations: &Delegations{}}
	before.Delegations.Add(DelegatedRole{Role: Role{Name: "acme", Threshold: 1}, Paths: []string{"acme/*"}}, []Key{a})
	after := &Targets{Head: Head{Version: 1, Expires: now}, Images: []Image{{Path: "a", Length: 1, Hashes: blake(`"01"`)}, {Path: "b", Length: 2, Hashes: blake(`"00"`)}}}
	sum := "sha256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb, blake2b "
	want = `acme-parent: delegation acme: removed threshold 1 of 1 keys
acme-parent: key of delegation acme: removed key-a
acme-parent: paths of acme: removed acme/*
acme-parent: image hashes of a: ` + sum + `"00" → ` + sum + `"01"
acme-parent: image length of b: 1 → 2
`
	if got := lines(Diff(before, after, DiffOptions{Role: "acme-parent", KeyName: named})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := Diff(before, before, DiffOptions{}); len(got) != 0 {
		t.Errorf("targets differ from themselves:\n%s", lines(got))
	}
}
