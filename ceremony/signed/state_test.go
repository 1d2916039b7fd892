package signed

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

var now = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// private is the private key of that name.
func private(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func keys(t *testing.T, names ...string) (list []roles.Key) {
	t.Helper()
	for _, name := range names {
		key, err := roles.NewKey(roles.TUF, private(name).Public())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, key)
	}
	return list
}

// sign makes a file of a version, signed by keys of those names.
func sign(t *testing.T, body roles.Body, version int64, names ...string) *roles.File {
	t.Helper()
	roles.SetHead(roles.TUF, body, version, now.AddDate(1, 0, 0))
	draft, err := roles.Encode(roles.TUF, body)
	if err != nil {
		t.Fatal(err)
	}
	var signatures []roles.SignedBy
	for i, key := range keys(t, names...) {
		signatures = append(signatures, roles.SignedBy{Key: key, Value: ed25519.Sign(private(names[i]), draft.Signed)})
	}
	data, err := draft.Seal(signatures)
	if err != nil {
		t.Fatal(err)
	}
	file, err := roles.Read(roles.TUF, draft.Type, data)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func rootOf(t *testing.T, names ...string) *roles.Root {
	root := roles.NewRoot(roles.TUF)
	root.SetRole("root", 2, keys(t, names...))
	for _, role := range []string{"targets", "snapshot", "timestamp"} {
		root.SetRole(role, 1, keys(t, role))
	}
	return root
}

func targetsOf(t *testing.T, delegated string) *roles.Targets {
	targets := &roles.Targets{Delegations: &roles.Delegations{}}
	targets.Delegations.Add(roles.DelegatedRole{Role: roles.Role{Name: delegated, Threshold: 1}, Paths: []string{"*"}}, keys(t, "acme"))
	return targets
}

// newState is a repository in which everything is signed: root-c has taken the
// place of root-a, and a supplier has a role.
func newState(t *testing.T) *State {
	t.Helper()
	s := &State{Format: roles.TUF, Dir: "image/metadata", Files: map[string]*roles.File{}, Paths: map[string]string{}}
	s.put("root", 1, sign(t, rootOf(t, "root-a", "root-b"), 1, "root-a", "root-b"))
	s.put("root", 2, sign(t, rootOf(t, "root-b", "root-c"), 2, "root-a", "root-b", "root-c"))
	s.put("targets", 1, sign(t, targetsOf(t, "acme"), 1, "targets"))
	s.put("acme", 3, sign(t, &roles.Targets{}, 3, "acme"))
	snapshot := &roles.Snapshot{Meta: []roles.Meta{roles.MetaOf("acme", s.Files["acme"]), roles.MetaOf("targets", s.Files["targets"])}}
	s.put("snapshot", 1, sign(t, snapshot, 1, "snapshot"))
	s.put("timestamp", 1, sign(t, &roles.Timestamp{Snapshot: roles.MetaOf("snapshot", s.Files["snapshot"])}, 1, "timestamp"))
	return s
}

func (s *State) put(role string, version int64, file *roles.File) {
	s.Put(role, s.Dir+"/"+s.Format.MetadataPath(role, version), file)
}

// restamp states the snapshot as it is now.
func (s *State) restamp(t *testing.T) {
	s.Files["timestamp"] = sign(t, &roles.Timestamp{Snapshot: roles.MetaOf("snapshot", s.Files["snapshot"])}, 1, "timestamp")
}

// snapshotOf is the snapshot with another version of one role.
func snapshotOf(t *testing.T, s *State, role string, version int64) *roles.File {
	t.Helper()
	snapshot := *s.Files["snapshot"].Body.(*roles.Snapshot)
	stated := roles.Meta{Name: role + ".json", Version: version, Length: -1}
	others := slices.DeleteFunc(slices.Clone(snapshot.Meta), func(m roles.Meta) bool { return m.Name == stated.Name })
	snapshot.Meta = append(others, stated)
	slices.SortFunc(snapshot.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
	return sign(t, &snapshot, 1, "snapshot")
}

// TestVerifyAsClient reads exactly the files of a state, up to those that are signed
// elsewhere, which are not asked for.
func TestVerifyAsClient(t *testing.T) {
	name := func(roles.Key) string { return "somebody" }
	for until, files := range map[roles.Type]int{"": 6, roles.TypeTimestamp: 5, roles.TypeSnapshot: 4, roles.TypeTargets: 2} {
		s := newState(t)
		report, err := s.VerifyAsClient(until, Nobody, name, now)
		if err != nil || len(report.Files) != files || !strings.Contains(fmt.Sprint(report), "somebody") {
			t.Fatalf("until %q: got %v, %v", until, report, err)
		}
		if says := strings.Contains(fmt.Sprint(report), "complete up to "+string(until)+", which the server signs"); says != (until != "") {
			t.Errorf("until %q: got %v", until, report)
		}
		for _, role := range roles.From(until) {
			delete(s.Files, string(role))
		}
		if report, err := s.VerifyAsClient(until, Nobody, name, now); err != nil || len(report.Files) != files {
			t.Errorf("until %q, not there: %v, %v", until, report, err)
		}
		s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 2, "root-b", "root-c")
		if _, err := s.VerifyAsClient(until, Nobody, name, now); fault.CodeOf(err) != fault.Unverified {
			t.Errorf("until %q, another root 2: %v", until, err)
		}
	}
	s := newState(t)
	delete(s.Files, "timestamp")
	if _, err := s.VerifyAsClient("", Nobody, name, now); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "image/metadata: ") {
		t.Errorf("whole, without timestamp: %v", err)
	}
}

// TestVerifyAsClientKnowsTheServer wants what is signed here to be ahead of the last
// state that is known from the server.
func TestVerifyAsClientKnowsTheServer(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(t *testing.T, s *State)
		want   string // empty: it is taken
	}{
		"as the server knows it": {func(*testing.T, *State) {}, ""},
		"ahead":                  {func(t *testing.T, s *State) { s.put("targets", 2, sign(t, targetsOf(t, "acme"), 2, "targets")) }, ""},
		"behind":                 {func(t *testing.T, s *State) { s.Files["snapshot"] = snapshotOf(t, s, "targets", 2) }, "version is 1, but version 2 was signed already"},
		"other bytes": {func(t *testing.T, s *State) {
			s.Files["targets"] = sign(t, &roles.Targets{Delegations: targetsOf(t, "acme").Delegations, Images: []roles.Image{{Path: "a", Hashes: roles.HashesOf(nil)}}}, 1, "targets")
		}, "the server knows other bytes as version 1"},
		"the supplier's file gone": {func(t *testing.T, s *State) { delete(s.Files, "acme") }, "acme.json: file does not exist"},
		"an unsigned word of the server": {func(t *testing.T, s *State) { s.Files["snapshot"] = sign(t, s.Files["snapshot"].Body, 1, "nobody") },
			"1.snapshot.json: 0 of 1 signatures"},
	} {
		s := newState(t)
		tt.change(t, s)
		s.Server = roles.TypeSnapshot
		_, err := s.VerifyAsClient(s.Server, Nobody, nil, now)
		if (err == nil) != (tt.want == "") || err != nil && (fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v (code %d), want %q", name, err, fault.CodeOf(err), tt.want)
		}
	}
}

// TestVoid tells files whose keys root has replaced from files that nobody signed who
// ever could.
func TestVoid(t *testing.T) {
	for name, tt := range map[string]struct {
		snapshot string // the key that signed it
		void     int64
		verifies bool
	}{
		"the key of root 1 and 2": {"snapshot", 2, true}, "the key of root 3": {"snapshot-z", 0, true}, "a key of nobody": {"mallory", 0, false},
	} {
		s := newState(t)
		root := rootOf(t, "root-b", "root-c")
		root.SetRole("snapshot", 1, keys(t, "snapshot-z"))
		s.put("root", 3, sign(t, root, 3, "root-b", "root-c"))
		s.Files["snapshot"] = sign(t, s.Files["snapshot"].Body, 1, tt.snapshot)
		s.restamp(t)
		if err := s.Verify(); (err == nil) != tt.verifies {
			t.Errorf("%s: got %v", name, err)
		}
		by, void := s.Void("snapshot")
		if by != tt.void || void != (tt.void > 0) || void != s.IsVoid("snapshot") || void != (s.Sound("snapshot") == nil) {
			t.Errorf("%s: void by root %d, %v; want %d", name, by, void, tt.void)
		}
		role, why := s.Missing("", Nobody)
		if want := map[bool]string{true: "snapshot is void: root 3 has replaced the keys that signed version 1", false: " "}[void]; role+" "+why != want {
			t.Errorf("%s: missing %s %s, want %s", name, role, why, want)
		}
		for _, role := range []string{"root", "targets", "timestamp", "acme", "nobody"} {
			if by, void := s.Void(role); void {
				t.Errorf("%s: %s is void by root %d", name, role, by)
			}
		}
	}
}

// TestVoidStatesNothing takes no word of a thief for how far the others had come.
func TestVoidStatesNothing(t *testing.T) {
	s := newState(t)
	root := rootOf(t, "root-b", "root-c")
	root.SetRole("snapshot", 1, keys(t, "snapshot-z"))
	s.put("root", 3, sign(t, root, 3, "root-b", "root-c"))
	s.Files["snapshot"] = snapshotOf(t, s, "targets", 1<<31-1)
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
}

// TestMissing names what a client wants and does not find.
func TestMissing(t *testing.T) {
	for role, until := range map[string]roles.Type{"targets": roles.TypeSnapshot, "snapshot": roles.TypeTimestamp, "timestamp": "", "acme": roles.TypeSnapshot} {
		s := newState(t)
		delete(s.Files, role)
		if got, why := s.Missing(until, func(other string) bool { return other == "acme" }); role == "acme" && got != "" {
			t.Errorf("the supplier answers for acme: %s %s", got, why)
		}
		if got, why := s.Missing(until, Nobody); got != role || why != "is not signed yet" {
			t.Errorf("until %q: got %q %s, want %s", until, got, why, role)
		}
		if role, why := s.Missing(roles.TypeTargets, Nobody); role != "" {
			t.Errorf("of a root alone: %s %s", role, why)
		}
	}
}

// TestMemory serves what was read, up to the length that a client takes.
func TestMemory(t *testing.T) {
	s := newState(t)
	m := newMemory(s, "")
	want := s.Roots[0].Published()
	if got, err := m.Get("1.root.json", int64(len(want))); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := m.Get("1.root.json", int64(len(want))-1); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("too long: %v", err)
	}
	if _, err := m.Get("3.root.json", 1000); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a root that is not there: %v", err)
	}
	if got := len(s.OnDisk()); got != 6 {
		t.Errorf("%d files on disk, want 6", got)
	}
}

// TestNewest picks the newest file of each role, and none that the layout has not.
func TestNewest(t *testing.T) {
	names := []string{"1.root.json", "1.targets.json", "10.targets.json", "9.targets.json", "timestamp.json", "3.timestamp.json", "targets.json", "2.acme.json"}
	for range 2 {
		got := Newest(roles.TUF, names)
		if len(got) != 3 || got["targets"] != "10.targets.json" || got["timestamp"] != "timestamp.json" || got["acme"] != "2.acme.json" {
			t.Errorf("got %v", got)
		}
		names[1], names[2] = names[2], names[1]
	}
}

// TestLoad reads a state from the disk.
func TestLoad(t *testing.T) {
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if empty, err := Load(folder, "image", roles.TUF); err != nil || empty.Root() != nil || empty.Set() != nil {
		t.Errorf("of nothing: %+v, %v", empty, err)
	}
	for name, raw := range newState(t).OnDisk() {
		if strings.HasSuffix(name, "/1.root.json") {
			continue
		}
		if err := folder.Create(name, raw); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(folder, "image", roles.TUF); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "there is metadata but no 1.root.json") {
		t.Errorf("without root 1: %v", err)
	}
	if err := folder.Create("image/metadata/1.root.json", newState(t).Roots[0].Raw); err != nil {
		t.Fatal(err)
	}
	s, err := Load(folder, "image", roles.TUF)
	if err != nil || s.Version("root") != 2 || s.Version("acme") != 3 || s.Version("nobody") != 0 {
		t.Fatalf("got %+v, %v", s, err)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	if err := folder.Create("image/metadata/2.targets.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder, "image", roles.TUF); fault.CodeOf(err) != fault.Unverified || !strings.HasPrefix(err.Error(), "image/metadata/2.targets.json: ") {
		t.Errorf("with rubbish: %v", err)
	}
}
