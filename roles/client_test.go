package roles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// folder is a Source of several directories; a file in a later one covers the
// same in an earlier one. It also writes down what it was asked for.
type folder struct {
	dirs  []string
	mu    sync.Mutex
	asked []string
}

func (f *folder) Get(name string, limit int64) ([]byte, error) {
	f.mu.Lock()
	f.asked = append(f.asked, name)
	f.mu.Unlock()
	for i := len(f.dirs) - 1; i >= 0; i-- {
		data, err := os.ReadFile(filepath.Join(f.dirs[i], name))
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	return nil, fs.ErrNotExist
}

// memory is a State.
type memory map[string][]byte

func (m memory) Load(name string) ([]byte, error) {
	data, ok := m[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

func (m memory) Save(name string, data []byte) error {
	m[name] = data
	return nil
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newClient(t testing.TB, root string, dirs ...string) *Client {
	t.Helper()
	c, err := NewClient(readVector(t, root), &folder{dirs: dirs}, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVerifyTUF verifies complete repositories that python-tuf made.
func TestVerifyTUF(t *testing.T) {
	for _, name := range []string{"ok-ed25519", "ok-ecdsa", "ok-rsa", "ok-mixed"} {
		c := newClient(t, "tuf/"+name+"/root.json", vectors+"tuf/"+name+"/metadata")
		if err := c.Refresh(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all, err := c.All()
		if err != nil || len(all) != 3 {
			t.Fatalf("%s: %d images, %v; want 3", name, len(all), err)
		}
		if len(c.Report().Notes) != 0 || len(c.Report().Files) != 7 {
			t.Errorf("%s: unexpected report:\n%s", name, c.Report())
		}
		for _, listed := range all {
			for _, path := range TUF.ImagePaths(*listed.Image) {
				data, err := os.ReadFile(vectors + "tuf/" + name + "/targets/" + path)
				if errors.Is(err, fs.ErrNotExist) {
					continue // the vectors keep images under one of their hashes
				}
				if err := CheckImage(listed.Image, HashesOf(data), int64(len(data))); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if err := CheckImage(listed.Image, HashesOf(append(data, 0)), int64(len(data))); err == nil {
					t.Errorf("%s: a changed image is taken", name)
				}
			}
		}
	}
}

// TestReuse asks only for what is new, and for what has expired.
func TestReuse(t *testing.T) {
	r, state := newRepo(t, TUF), memory{}
	r.delegate("targets", "firmware", 7, false, "*")
	r.targets.Expires = now.AddDate(0, 1, 0)
	r.publish()
	run := func(at time.Time, want ...string) {
		t.Helper()
		r.asked = nil
		c, err := NewClient(r.files["1.root.json"], r, at)
		if err != nil {
			t.Fatal(err)
		}
		c.State, c.Reuse, c.AllowExpired = state, true, true
		if err := c.Refresh(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.All(); err != nil || !slices.Equal(r.asked, want) {
			t.Errorf("asked for %q, %v; want %q", r.asked, err, want)
		}
	}
	run(now, "2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "1.firmware.json")
	run(now, "2.root.json", "timestamp.json")
	run(r.targets.Expires.Add(-time.Second), "2.root.json", "timestamp.json")
	run(r.targets.Expires, "2.root.json", "timestamp.json", "1.targets.json")
	run(now.AddDate(0, 2, 0), "2.root.json", "timestamp.json", "1.targets.json")
	r.snapshot.Version, r.timestamp.Version = 2, 2
	r.publishSnapshot()
	run(now, "2.root.json", "timestamp.json", "2.snapshot.json")
	state["firmware.json"] = state["targets.json"] // signed by others
	run(now, "2.root.json", "timestamp.json", "1.firmware.json")

	r.targets.Expires = r.targets.Expires.AddDate(0, 0, 1) // version 1 again, with other content
	r.snapshot.Version, r.timestamp.Version = 3, 3
	c, err := NewClient(r.publish().files["1.root.json"], r, now)
	if err != nil {
		t.Fatal(err)
	}
	c.State, c.Reuse = state, true
	if err := c.Refresh(); err != nil || !c.Targets().Expires.Equal(r.targets.Expires) {
		t.Errorf("the remembered targets is taken, which is not what snapshot states: %v", err)
	}
}

// TestDiamond visits a role once to which many delegate: clients give up after so
// many visits.
func TestDiamond(t *testing.T) {
	r := newRepo(t, TUF)
	for i := range byte(20) {
		name := string('a' + rune(i))
		r.delegate("targets", name, 7, false, "x/*")
		r.delegate(name, "shared", 8, false, "x/*")
	}
	c, err := r.publish().verify(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Find("x/1"); !errors.Is(err, ErrNoImage) {
		t.Errorf("got %v, want that nobody lists it", err)
	}
}

// TestTerminating ends a search below a terminating delegation, also for those that
// the roles above it would ask next.
func TestTerminating(t *testing.T) {
	for terminating, found := range map[bool]bool{false: true, true: false} {
		r := newRepo(t, TUF)
		r.delegate("targets", "a", 7, false, "x/*")
		r.delegate("targets", "b", 8, false, "x/*").Images = []Image{image("x/1")}
		r.delegate("a", "c", 9, terminating, "x/*")
		c, err := r.publish().verify(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, by, err := c.Find("x/1"); (err == nil) != found || found && by != "b" {
			t.Errorf("terminating %v: listed by %q, %v", terminating, by, err)
		}
	}
}

// TestTwoDelegators has a role whose file must satisfy each of its delegators.
func TestTwoDelegators(t *testing.T) {
	for _, f := range Formats {
		for want, signers := range map[string][]byte{
			"": {7, 8},
			"0 of 1 signatures that role shared needs by a 1":       {7},
			"0 of 1 signatures that role shared needs by targets 1": {8},
		} {
			r := newRepo(t, f)
			r.delegate("targets", "a", 9, false, "x/*")
			r.delegate("targets", "shared", 7, false, "x/*")
			r.delegate("a", "shared", 8, false, "x/*")
			r.signers["shared"] = signers
			c, err := r.publish().verify(nil)
			if err == nil {
				_, _, err = c.Find("x/1")
			}
			if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s, signed by %v: got %v, want %s", f.Name(), signers, err, want)
			}
			if want == "" && !errors.Is(err, ErrNoImage) {
				t.Errorf("%s: %v", f.Name(), err)
			}
		}
	}
}

// TestDamagedState updates in spite of a State that somebody has damaged, and
// says so.
func TestDamagedState(t *testing.T) {
	r, state := newRepo(t, OTACE), memory{}
	r.delegate("targets", "firmware", 7, false, "*")
	if _, err := r.publish().verify(state); err != nil {
		t.Fatal(err)
	}
	for name := range state {
		state[name] = []byte("{")
	}
	c, err := r.verify(state)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"timestamp", "snapshot", "targets", "firmware"} {
		if want := "the remembered " + role + ".json is ignored: the file ends early"; !strings.Contains(c.Report().String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, c.Report())
		}
		if _, err := Read(OTACE, typeOfFile(role+".json"), state[role+".json"]); err != nil {
			t.Errorf("%s is still damaged: %v", role, err)
		}
	}
}

// TestAllowExpired notes what has expired, for who is about to sign it anew.
func TestAllowExpired(t *testing.T) {
	r := newRepo(t, TUF).publish()
	c, err := NewClient(r.files["1.root.json"], r, now.AddDate(2, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	c.AllowExpired = true
	if err := c.Refresh(); err != nil || len(c.Report().Notes) != 4 {
		t.Errorf("got %v with %q, want four notes", err, c.Report().Notes)
	}
}

// TestTargetsGoBack takes older targets after the keys of snapshot were
// replaced, as a recovery from a fast-forward attack needs it, and says so.
func TestTargetsGoBack(t *testing.T) {
	r, state := newRepo(t, TUF), memory{}
	r.targets.Version = MaxVersion
	if _, err := r.publish().verify(state); err != nil {
		t.Fatal(err)
	}
	r.root.SetRole("snapshot", 1, r.keys(12))
	r.signers["snapshot"] = []byte{12}
	r.targets.Version = 2
	r.rotate(2, 0, 1, 10, 11)
	r.publish()
	c, err := r.verify(state)
	if err != nil || !strings.Contains(c.Report().String(), "2.targets.json: signed.version: got 2, want at least 2147483647, which was seen before (possible rollback attack): taken, since the keys of snapshot were replaced") {
		t.Errorf("got %v\n%s", err, c.Report())
	}
}

// TestUntil verifies what there is before a server has signed the rest, and asks for
// nothing of that.
func TestUntil(t *testing.T) {
	names := func(files ...string) string { return "2.root.json " + strings.Join(files, " ") }
	for _, tt := range []struct {
		f     Format
		until Type
		asked string
	}{
		{OTACE, TypeTargets, names()}, {OTACE, TypeSnapshot, names("targets.json", "delegations/firmware.json")},
		{OTACE, TypeTimestamp, names("snapshot.json", "targets.json", "delegations/firmware.json")},
		{TUF, TypeTargets, names()}, {TUF, TypeSnapshot, names("7.targets.json", "1.firmware.json")},
		{TUF, TypeTimestamp, names("3.snapshot.json", "7.targets.json", "1.firmware.json")},
	} {
		r := newRepo(t, tt.f)
		r.delegate("targets", "firmware", 7, false, "*").Images = []Image{image("fw")}
		r.targets.Version, r.snapshot.Version = 7, 3
		r.publish()
		c, err := NewClient(r.files["1.root.json"], r, now)
		if err != nil {
			t.Fatal(err)
		}
		r.asked, c.Until = nil, tt.until
		c.Newest = func(role string) int64 { return map[string]int64{"targets": 7, "snapshot": 3, "firmware": 1}[role] }
		if err := c.Refresh(); err != nil {
			t.Fatal(err)
		}
		all, err := c.All()
		if wanted := map[bool]int{true: 0, false: 2}[tt.until == TypeTargets]; err != nil || len(all) != wanted || strings.Join(r.asked, " ") != strings.TrimSpace(tt.asked) {
			t.Errorf("%s until %s: %d images, asked for %q, %v; want %s", tt.f.Name(), tt.until, len(all), r.asked, err, tt.asked)
		}
		if got := c.Report().Elsewhere; len(got) == 0 || got[0] != tt.until {
			t.Errorf("elsewhere is %v", got)
		}
	}
}

// TestUntilRemembers refuses what is older than what was seen before, without a
// snapshot that says so, and what its name does not say.
func TestUntilRemembers(t *testing.T) {
	for _, f := range Formats {
		r, state := newRepo(t, f), memory{}
		r.delegate("targets", "firmware", 7, false, "*").Version = 2
		r.targets.Version = 2
		if _, err := r.publish().verify(state); err != nil {
			t.Fatal(err)
		}
		newest := int64(2)
		check := func(want string) {
			t.Helper()
			c, err := NewClient(r.files["1.root.json"], r, now)
			if err != nil {
				t.Fatal(err)
			}
			c.State, c.Until, c.Newest = state, TypeSnapshot, func(string) int64 { return newest }
			if err = c.Refresh(); err == nil {
				_, err = c.All()
			}
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", f.Name(), err, want)
			}
		}
		check("")
		r.targets.Version, newest = 1, 1
		r.sign("targets", r.targets)
		check("got 1, want at least 2, which was seen before (possible rollback attack)")
		r.targets.Version, newest = 3, 3
		r.sign("targets", r.targets)
		r.delegated["firmware"].Version = 1
		r.files[f.MetadataPath("firmware", 3)] = r.files[f.MetadataPath("firmware", 2)]
		if f == TUF {
			check("3.firmware.json: signed.version: got 2, want 3")
			continue
		}
		r.sign("firmware", r.delegated["firmware"])
		check("got 1, want at least 2, which was seen before (possible rollback attack)")
	}
}

// texts are the notes of a client's report.
func texts(c *Client) (list []string) {
	for _, n := range c.Report().Notes {
		list = append(list, n.Text)
	}
	return list
}
