package roles

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// find publishes a repository and searches one path in it, as a client without
// All does.
func (r *repo) find(path string) (role string, err error) {
	r.asked = nil
	c, err := NewClient(r.publish().files[r.f.MetadataPath("root", 1)], r, now)
	if err != nil {
		r.Fatal(err)
	}
	if err := c.Refresh(); err != nil {
		r.Fatal(err)
	}
	r.asked = nil
	_, role, err = c.Find(path)
	return role, err
}

// TestFind searches as TUF 1.0.34 §5.6.7 says: in order of priority, depth
// first, and asks for nothing that is not on the way.
func TestFind(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		r.delegate("targets", "a", 7, false, "x/*", "fw/*")
		r.delegate("a", "deep", 8, false, "fw/*")
		r.delegate("targets", "stop", 9, true, "end/*", "end2/*")
		r.delegate("targets", "b", 10, false, "fw/*", "end/*", "x/*")
		r.delegate("deep", "a", 7, false, "*") // a ring
		r.delegated["deep"].Images = []Image{image("fw/1"), image("x/stolen")}
		r.delegated["stop"].Images = []Image{image("end2/1")}
		r.delegated["b"].Images = []Image{image("end/1"), image("fw/1"), image("fw/2"), image("top.bin"), image("x/1")}
		for path, want := range map[string]struct{ role, asked string }{
			"top.bin":  {"targets", ""},
			"fw/1":     {"deep", "a deep"},
			"fw/2":     {"b", "a deep b"},
			"x/1":      {"b", "a b"},
			"end2/1":   {"stop", "stop"},
			"end/1":    {"", "stop"},
			"x/stolen": {"", "a b"},
			"else":     {"", ""},
		} {
			role, err := r.find(path)
			if role != want.role || errors.Is(err, ErrNoImage) != (want.role == "") {
				t.Errorf("%s: %s found in %q, %v; want %q", f.Name(), path, role, err, want.role)
			}
			var names []string
			for _, role := range strings.Fields(want.asked) {
				names = append(names, f.MetadataPath(role, 1))
			}
			if !slices.Equal(r.asked, names) {
				t.Errorf("%s: %s asked for %q, want %q", f.Name(), path, r.asked, names)
			}
		}
		c, err := r.verify(nil)
		if err != nil || c.Report().Images != 5 {
			t.Errorf("%s: %d images, %v; want 5", f.Name(), c.Report().Images, err)
		}
	}
}

// TestFindBounds ends searches that a repository tries to make endless.
func TestFindBounds(t *testing.T) {
	wide, deep := newRepo(t, TUF), newRepo(t, OTACE)
	for i := range 40 {
		wide.delegate("targets", fmt.Sprintf("r%02d", i), 7, false, "*")
	}
	if _, err := wide.find("none"); err == nil || err.Error() != "none: more than 32 roles may list it; clients give up there" {
		t.Errorf("40 roles: %v", err)
	}
	from := "targets"
	for i := range 6 {
		name := fmt.Sprintf("r%d", i)
		deep.delegate(from, name, 7, false, "*").Images = []Image{image(fmt.Sprintf("level-%d", i+1))}
		from = name
	}
	if role, err := deep.find("level-5"); role != "r4" {
		t.Errorf("level 5 is in %q, %v", role, err)
	}
	if _, err := deep.find("level-6"); !errors.Is(err, ErrNoImage) {
		t.Errorf("aktualizr follows 5 levels; level 6: %v", err)
	}
}

// TestStrangeNames keeps the names of roles inside the metadata folder, and
// characters that turn text around off the terminal.
func TestStrangeNames(t *testing.T) {
	r := newRepo(t, TUF)
	r.delegate("targets", "../../etc/pass wd", 7, false, "*")
	if _, err := r.find("none"); !errors.Is(err, ErrNoImage) {
		t.Fatal(err)
	}
	if want := []string{"1...%2F..%2Fetc%2Fpass%20wd.json"}; !reflect.DeepEqual(r.asked, want) {
		t.Errorf("asked for %q, want %q", r.asked, want)
	}
	r = newRepo(t, TUF)
	r.delegate("targets", "x\u202efdp", 7, false, "*")
	r.signers["x\u202efdp"] = nil
	_, err := r.find("none")
	if err == nil || strings.ContainsRune(err.Error(), 0x202e) {
		t.Errorf("got %v, want a refusal without U+202E", err)
	}
}

// TestRequestOrder asks for one file after the other, in the order of TUF
// 1.0.34 §5.3 to §5.6, and for nothing after the first bad one.
func TestRequestOrder(t *testing.T) {
	r := newRepo(t, TUF)
	r.delegate("targets", "a", 7, false, "*")
	r.publish()
	r.rotate(2, 0, 1, 10, 11)
	all := []string{"2.root.json", "3.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "1.a.json"}
	state := memory{}
	if _, err := r.verify(state); err != nil || !slices.Equal(r.asked, all) {
		t.Errorf("asked for %q, %v; want %q", r.asked, err, all)
	}
	for i, name := range all[2:] {
		honest := r.files[name]
		r.files[name] = []byte("{}")
		if _, err := r.verify(memory{}); err == nil || !slices.Equal(r.asked, all[:i+3]) {
			t.Errorf("bad %s: asked for %q, %v; want %q", name, r.asked, err, all[:i+3])
		}
		r.files[name] = honest
	}
	for _, role := range []string{"root", "timestamp", "snapshot", "targets", "a"} {
		if state[role+".json"] == nil {
			t.Errorf("%s was not remembered", role)
		}
	}
}
