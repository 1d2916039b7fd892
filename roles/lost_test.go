package roles

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tolerant is verify for a client that goes on without a supplier.
func (r *repo) tolerant() (*Client, []Listed, error) {
	c, err := NewClient(r.files[r.f.MetadataPath("root", 1)], r, now)
	if err != nil {
		return nil, nil, err
	}
	c.Tolerant = true
	if err := c.Refresh(); err != nil {
		return c, nil, err
	}
	listed, err := c.All()
	return c, listed, err
}

// suppliers is a repository of three suppliers: a, which delegates on to inner;
// b; and late, which is asked for a/ and b/ too, behind them.
func suppliers(t *testing.T, f Format) *repo {
	r := newRepo(t, f)
	r.delegate("targets", "a", 7, false, "a/*").Images = []Image{image("a/1"), image("a/2")}
	r.delegate("targets", "b", 8, false, "b/*").Images = []Image{image("b/1")}
	r.delegate("targets", "late", 9, false, "a*", "b*", "a/*", "b/*").Images = []Image{image("a/9"), image("b/9")}
	r.delegate("a", "inner", 10, false, "a/in*").Images = []Image{image("a/in1")}
	return r
}

// TestLost goes on without one supplier, says which images go with it, and
// refuses all the same where it is to be strict.
func TestLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		bend  func(r *repo)
		kind  ProblemKind
		want  string // the problem
		lists []string
		count int // images lost
		left  int // images found
	}{
		{"missing", func(r *repo) { r.publish(); delete(r.files, r.f.MetadataPath("a", 1)) }, ProblemMissing, "a.json: file does not exist", []string{"a/9"}, 1, 3},
		{"expired", func(r *repo) { r.delegated["a"].Expires = now; r.publish() }, ProblemExpired,
			"a.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)", []string{"a/1", "a/2", "a/9"}, 3, 3},
		{"signed by a stranger", func(r *repo) { r.signers["a"] = []byte{11}; r.publish() }, ProblemUnsigned,
			"a.json: signatures: 0 of 1 signatures that role a needs by targets 1; signature of key id ID does not count: it is not a key of role a (possible arbitrary software attack)", []string{"a/9"}, 1, 3},
		{"not listed yet", func(r *repo) { r.publish(); r.snapshot.Meta = r.snapshot.Meta[1:]; r.publishSnapshot() }, ProblemUndelivered,
			"snapshot.json: signed.meta: a.json is not listed, but a role is delegated to it: its file is not delivered yet", []string{"a/9"}, 1, 3},
		{"another file", func(r *repo) {
			r.publish()
			name := r.f.MetadataPath("a", 1)
			r.files[name] = bytes.Replace(r.files[name], []byte(`"length":3`), []byte(`"length":4`), 1)
		}, ProblemOther, "a.json: sha256 is ID, want ID (possible mix-and-match attack)", []string{"a/9"}, 1, 3},
		{"half a file", func(r *repo) {
			r.publish()
			name := r.f.MetadataPath("a", 1)
			r.files[name] = r.files[name][:100]
			r.snapshot.Meta[0] = statement(r.files[name])
			r.snapshot.Meta[0].Name = "a.json"
			r.publishSnapshot()
		}, ProblemMalformed, "", []string{"a/9"}, 1, 3},
		{"a later one, which nobody waits for", func(r *repo) { r.delegated["late"].Expires = now; r.publish() }, ProblemExpired,
			"late.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)", []string{"a/9", "b/9"}, 2, 5},
		{"a supplier of a supplier", func(r *repo) { r.delegated["inner"].Expires = now; r.publish() }, ProblemExpired,
			"inner.json: signed.expires: it expired at 2026-11-23T12:00:00Z; the time is 2026-11-23T12:00:00Z (possible freeze attack)", []string{"a/in1"}, 1, 6},
	} {
		for _, f := range Formats {
			r := suppliers(t, f)
			if c.bend(r); takes(r) {
				t.Errorf("%s, %s: a strict client takes it", f.Name(), c.name)
			}
			client, listed, err := r.tolerant()
			if err != nil || len(client.Report().Lost) != 1 {
				t.Errorf("%s, %s: %v, lost %v", f.Name(), c.name, err, client.Report().Lost)
				continue
			}
			lost := client.Report().Lost[0]
			if got := plainly(lost.Problem); c.want != "" && got != c.want || lost.Problem.Kind != c.kind || lost.Count != c.count || !reflect.DeepEqual(lost.Images, c.lists) || len(listed) != c.left {
				t.Errorf("%s, %s: got %s, %s, %d images %q, %d left\nwant %s, %q, %d left", f.Name(), c.name, lost.Problem.Kind, got, lost.Count, lost.Images, len(listed), c.want, c.lists, c.left)
			}
			text := client.Report().String()
			for _, want := range []string{"warning: delegated role " + lost.Role + " cannot be used: ", "no client installs what is delegated to it: " + strings.Join(lost.Paths, ", "), strings.Join(c.lists, ", ")} {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: the report lacks %q:\n%s", f.Name(), c.name, want, text)
				}
			}
		}
	}
}

// takes says whether a strict client takes a repository.
func takes(r *repo) bool {
	_, err := r.verify(nil)
	return err == nil
}

// TestLostTwice loses a role for one of its two delegators only.
func TestLostTwice(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		r.delegate("targets", "a", 7, false, "a/*")
		r.delegate("targets", "shared", 8, false, "s/*").Images = []Image{image("a/s1"), image("s/1")}
		r.delegate("a", "shared", 9, false, "a/s*")
		client, listed, err := r.publish().tolerant()
		if err != nil || len(client.Report().Lost) != 1 || client.Report().Lost[0].Delegator != "a" || !reflect.DeepEqual(client.Report().Lost[0].Images, []string{"a/s1"}) {
			t.Errorf("%s: %v, lost %+v", f.Name(), err, client.Report().Lost)
		}
		if len(listed) != 2 {
			t.Errorf("%s: %d images, want top.bin and s/1", f.Name(), len(listed))
		}
	}
}

// TestNotLost refuses what no supplier is to blame for, however tolerant.
func TestNotLost(t *testing.T) {
	for name, bend := range map[string]func(r *repo){
		"expired targets":   func(r *repo) { r.targets.Expires = now; r.publish() },
		"unsigned snapshot": func(r *repo) { r.signers["snapshot"] = nil; r.publish() },
		"targets missing":   func(r *repo) { r.publish(); delete(r.files, r.f.MetadataPath("targets", 1)) },
		"a root too many":   func(r *repo) { r.publish(); r.files["2.root.json"] = r.files["1.root.json"] },
	} {
		for _, f := range Formats {
			r := suppliers(t, f)
			bend(r)
			if _, _, err := r.tolerant(); err == nil {
				t.Errorf("%s, %s: taken", f.Name(), name)
			}
		}
	}
}

// TestManyLost names some images of a lost role and counts the others, and reads
// no file twice.
func TestManyLost(t *testing.T) {
	r := newRepo(t, TUF)
	a := r.delegate("targets", "a", 7, false, "a/*")
	for i := range 1000 {
		a.Images = append(a.Images, image("a/"+strings.Repeat("x", i+1)))
	}
	late := r.delegate("targets", "late", 8, false, "a/*")
	late.Images = a.Images
	a.Expires = now
	client, _, err := r.publish().tolerant()
	if err != nil {
		t.Fatal(err)
	}
	if lost := client.Report().Lost[0]; lost.Count != 2000 || len(lost.Images) != maxLost || !strings.Contains(client.Report().String(), " and 1980 more)") {
		t.Errorf("%d of %d named:\n%s", len(lost.Images), lost.Count, client.Report())
	}
	if got := strings.Count(strings.Join(r.asked, " "), "1.a.json"); got != 1 {
		t.Errorf("asked %d times", got)
	}
}

// TestGreedySupplier loses a supplier that delegates more, deeper, or by more patterns
// than anybody looks at, and finds the images of all others.
func TestGreedySupplier(t *testing.T) {
	deep := func(r *repo) {
		above := "a"
		for level := range MaxLevels {
			name := fmt.Sprintf("level-%d", level)
			r.delegate(above, name, 7, false, "a/*")
			above = name
		}
	}
	many := func(r *repo) {
		d := r.delegated["a"].Delegations
		for i := range MaxDelegations {
			d.Roles = append(d.Roles, DelegatedRole{Role: Role{Name: fmt.Sprintf("r%d", i), KeyIDs: d.Roles[0].KeyIDs, Threshold: 1}, Paths: []string{"none"}})
		}
	}
	crowd := func(r *repo) {
		for i := range maxVisited {
			r.delegate("a", fmt.Sprintf("r%d", i), 7, false, "a/*")
		}
		r.delegate("a", "beyond", 7, false, "a/*").Images = []Image{image("a/beyond")}
	}
	for name, c := range map[string]struct {
		format Format
		bend   func(r *repo)
		want   string
	}{
		"deep":  {TUF, deep, "it delegates on, 64 levels below targets"},
		"many":  {TUF, many, "delegations so far; want at most 65536 in a repository"},
		"crowd": {TUF, crowd, "a/beyond: more than 32 roles may list it; clients give up there"},
	} {
		r := suppliers(t, c.format)
		c.bend(r)
		if r.publish(); takes(r) {
			t.Errorf("%s: a strict client takes it", name)
		}
		client, listed, err := r.tolerant()
		if err != nil || len(client.Report().Lost) == 0 || !strings.Contains(client.Report().Lost[0].Problem.Text, c.want) {
			t.Errorf("%s: %v, lost %+v", name, err, client.Report().Lost)
			continue
		}
		if !slices.ContainsFunc(listed, func(l Listed) bool { return l.Image.Path == "b/1" }) {
			t.Errorf("%s: the images of another supplier are lost too", name)
		}
	}
}

// TestGreedyPatterns lets a supplier use up its own share of the work alone.
func TestGreedyPatterns(t *testing.T) {
	r := suppliers(t, TUF).publish()
	c, err := NewClient(r.files["1.root.json"], r, now)
	if err != nil {
		t.Fatal(err)
	}
	c.Tolerant = true
	if err := c.Refresh(); err != nil {
		t.Fatal(err)
	}
	c.tried[&c.Targets().Delegations.Roles[0]] = maxTried
	listed, err := c.All()
	if err != nil || len(c.Report().Lost) != 1 || c.Report().Lost[0].Role != "a" || len(listed) != 5 {
		t.Errorf("%d images, %v, lost %+v", len(listed), err, c.Report().Lost)
	}
}
