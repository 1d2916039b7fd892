package roles

import (
	"strings"
	"testing"
)

// TestSuccession demands a new version for every change of a file, and of tuf
// the same bytes too.
func TestSuccession(t *testing.T) {
	const rollback = "signed.version: got 4, want at least 5, which is published (possible rollback attack)"
	const content = "signed.version: version 5 is published with other content; want version 6"
	const signatures = "version 5 is published with other signatures or spelling; want that file, or version 6"
	for _, c := range []struct {
		name       string
		change     func(r *repo)
		tuf, otaCE string // the refusal
	}{
		{"nothing", func(*repo) {}, "", ""},
		{"the next version", func(r *repo) { r.delegated["a"].Version = 6 }, "", ""},
		{"a later version with other content", func(r *repo) {
			r.delegated["a"].Version = 9
			r.delegated["a"].Images = []Image{image("a/1")}
		}, "", ""},
		{"an older version", func(r *repo) { r.delegated["a"].Version = 4 }, rollback, rollback},
		{"another image", func(r *repo) { r.delegated["a"].Images = []Image{image("a/1")} }, content, content},
		{"another expiry", func(r *repo) { r.delegated["a"].Expires = now }, content, content},
		{"one signature more", func(r *repo) { r.signers["a"] = []byte{7, 8} }, signatures, signatures},
		{"another key", func(r *repo) { r.signers["a"] = []byte{8} }, signatures, signatures},
	} {
		for f, want := range map[Format]string{TUF: c.tuf, OTACE: c.otaCE} {
			before, after := supplied(t, f, func(*repo) {}), supplied(t, f, c.change)
			if got := refusalOf(CheckSuccession(before, after)); got != want {
				t.Errorf("%s: %s: got %s, want %s", f.Name(), c.name, got, want)
			}
			if err := CheckSuccession(nil, after); err != nil {
				t.Errorf("%s: %s: the first file is refused: %v", f.Name(), c.name, err)
			}
		}
	}
	for f, want := range map[Format]string{TUF: signatures, OTACE: ""} {
		before := supplied(t, f, func(*repo) {})
		after, err := Read(f, TypeTargets, spread(t, before.Raw))
		if err != nil {
			t.Fatal(err)
		}
		if got := refusalOf(CheckSuccession(before, after)); got != want {
			t.Errorf("%s: white space: got %s, want %s", f.Name(), got, want)
		}
	}
}

// supplied is version 5 of a supplier's file, changed before it is signed.
func supplied(t *testing.T, f Format, change func(*repo)) *File {
	r := newRepo(t, f)
	r.delegate("targets", "a", 7, false, "a/*").Version = 5
	change(r)
	file, err := Read(f, TypeTargets, r.publish().files[f.MetadataPath("a", r.delegated["a"].Version)])
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func refusalOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestRewrittenVersion refuses a delegated file that differs from the one of its
// version that was seen before, and notes it of top-level targets.
func TestRewrittenVersion(t *testing.T) {
	for _, f := range Formats {
		for _, c := range []struct {
			change  func(r *repo)
			refused string
			note    string
		}{
			{func(r *repo) { r.delegated["a"].Images = []Image{image("a/1")} },
				f.MetadataPath("a", 1) + ": signed.version: version 1 is published with other content; want version 2", f.MetadataPath("a", 1) + ": version 1 has other content than the version 1 that was seen before"},
			{func(r *repo) { r.signers["a"] = []byte{7, 8} },
				f.MetadataPath("a", 1) + ": version 1 is published with other signatures or spelling; want that file, or version 2", ""},
			{func(r *repo) { r.delegated["a"].Images, r.delegated["a"].Version = []Image{image("a/1")}, 2 }, "", ""},
			{func(r *repo) { r.targets.Images = nil }, "", f.MetadataPath("targets", 1) + ": version 1 has other content than the version 1 that was seen before"},
		} {
			r, state := newRepo(t, f), memory{}
			r.delegate("targets", "a", 7, false, "a/*")
			if _, err := r.publish().verify(state); err != nil {
				t.Fatal(err)
			}
			c.change(r)
			r.snapshot.Version, r.timestamp.Version = 2, 2
			client, err := r.publish().verify(state)
			if got := refusalOf(err); got != c.refused || strings.Join(texts(client), "") != c.note {
				t.Errorf("%s: got %q, notes %q; want %q, %q", f.Name(), got, client.Report().Notes, c.refused, c.note)
			}
		}
	}
}
