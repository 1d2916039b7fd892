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

func TestVerify(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(t *testing.T, s *State)
		want   string
	}{
		"as it was signed": {func(*testing.T, *State) {}, ""},
		"root 2 by the new keys only": {func(t *testing.T, s *State) {
			s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 2, "root-b", "root-c")
		}, "image/metadata/2.root.json: 1 of 2 signatures that role root needs"},
		"root 2 by the old keys only": {func(t *testing.T, s *State) {
			s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 2, "root-a", "root-b")
		}, "image/metadata/2.root.json: 1 of 2 signatures that role root needs"},
		"root 1 by one key": {func(t *testing.T, s *State) {
			s.Roots[0] = sign(t, rootOf(t, "root-a", "root-b"), 1, "root-a")
		}, "image/metadata/1.root.json: 1 of 2 signatures"},
		"root 3 as root 2": {func(t *testing.T, s *State) {
			s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 3, "root-a", "root-b", "root-c")
		}, "image/metadata/2.root.json: version is 3, want 2"},
		"targets by the supplier": {func(t *testing.T, s *State) {
			s.Files["targets"] = sign(t, targetsOf(t, "acme"), 1, "acme")
		}, "image/metadata/1.targets.json: 0 of 1 signatures"},
		"the supplier's file by targets": {func(t *testing.T, s *State) {
			s.Files["acme"] = sign(t, &roles.Targets{}, 3, "targets")
		}, "image/metadata/3.acme.json: 0 of 1 signatures that role acme needs"},
		"a file that nobody delegates to any more": {func(t *testing.T, s *State) {
			s.Files["targets"] = sign(t, targetsOf(t, "other"), 1, "targets")
			s.Files["acme"] = sign(t, &roles.Targets{}, 3, "targets")
		}, ""},
		"a file under another version's name": {func(t *testing.T, s *State) {
			s.Paths["acme"] = "image/metadata/4.acme.json"
		}, "image/metadata/4.acme.json: version is 3, which lies in 3.acme.json"},
		"targets behind snapshot": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "targets", 2)
		}, "image/metadata/targets.json: version is 1, but version 2 was signed already"},
		"the supplier's file behind snapshot": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "acme", 4)
		}, "image/metadata/acme.json: version is 3, but version 4 was signed already"},
		"the supplier's file taken away": {func(t *testing.T, s *State) {
			delete(s.Files, "acme")
		}, "image/metadata/acme.json: version is 0, but version 3 was signed already"},
		"a role in snapshot that nobody delegates to": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "gone", 7)
		}, ""},
		"snapshot taken away": {func(t *testing.T, s *State) {
			delete(s.Files, "snapshot")
		}, "image/metadata/snapshot.json: version is 0, but version 1 was signed already"},
		"targets ahead of snapshot": {func(t *testing.T, s *State) {
			s.put("targets", 2, sign(t, targetsOf(t, "acme"), 2, "targets"))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newState(t)
			tt.change(t, s)
			err := s.Verify()
			if (err == nil) != (tt.want == "") || err != nil && (fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v (code %d), want %q", err, fault.CodeOf(err), tt.want)
			}
		})
	}
}

// TestVerifyAsClient reads exactly the files of a state. While somebody elsewhere
// has to sign, only the roots are verified.
func TestVerifyAsClient(t *testing.T) {
	name := func(roles.Key) string { return "somebody" }
	s := newState(t)
	report, err := s.VerifyAsClient(true, name, now)
	if err != nil || len(report.Files) != 6 || !strings.Contains(fmt.Sprint(report), "somebody") {
		t.Fatalf("got %v, %v", report, err)
	}
	delete(s.Files, "timestamp")
	if report, err := s.VerifyAsClient(false, name, now); err != nil || len(report.Files) != 2 {
		t.Errorf("not whole: %v, %v", report, err)
	}
	_, err = s.VerifyAsClient(true, name, now)
	if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "image/metadata: ") {
		t.Errorf("whole: %v", err)
	}
	s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 2, "root-b", "root-c")
	if _, err := s.VerifyAsClient(false, name, now); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("another root 2: %v", err)
	}
}

// TestMemory serves what was read, up to the length that a client takes.
func TestMemory(t *testing.T) {
	s := newState(t)
	m := newMemory(s)
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
	if empty, err := Load(folder, "image", roles.TUF); err != nil || empty.Root() != nil || empty.Complete() || empty.Set() != nil {
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
	if err != nil || !s.Complete() || s.Version("root") != 2 || s.Version("acme") != 3 || s.Version("nobody") != 0 {
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
