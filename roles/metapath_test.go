package roles

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestMetadataPaths gives the names that a file may have, and finds the role by
// each of them.
func TestMetadataPaths(t *testing.T) {
	for _, c := range []struct {
		format  Format
		role    string
		version int64
		want    string
	}{
		{TUF, "acme", 3, "3.acme.json"},
		{TUF, "acme", 0, "acme.json"},
		{TUF, "timestamp", 3, "timestamp.json"},
		{TUF, "a b", 3, "3.a%20b.json 3.a b.json"},
		{TUF, "a@b", 3, "3.a@b.json 3.a%40b.json"},
		{TUF, "é", 1, "1.%C3%A9.json 1.é.json"},
		{TUF, "50%", 1, "1.50%25.json 1.50%.json"},
		{TUF, "a/b", 1, "1.a%2Fb.json 1.a/b.json"},
		{TUF, "../x", 1, "1...%2Fx.json 1.../x.json"},
		{TUF, "../x", 0, "..%2Fx.json"},
		{TUF, "/x", 0, "%2Fx.json"},
		{OTACE, "acme", 7, "delegations/acme.json"},
		{OTACE, "../x", 7, "delegations/..%2Fx.json"},
		{OTACE, "root", 7, "7.root.json"},
	} {
		got := MetadataPaths(c.format, c.role, c.version)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %q %d: got %q, want %s", c.format.Name(), c.role, c.version, got, c.want)
		}
		for _, name := range got {
			if strings.Contains(strings.TrimPrefix(name, "delegations/"), "/") {
				continue // it lies in a folder of its own
			}
			version := c.version
			if c.format == OTACE && c.role != "root" || c.role == "timestamp" {
				version = 0
			}
			if role, v, ok := RoleOf(c.format, name); role != c.role || v != version || !ok {
				t.Errorf("%s %s: is of %q version %d, %t; want %q %d", c.format.Name(), name, role, v, ok, c.role, version)
			}
		}
	}
}

// TestRoleOf passes over what is no file of a role.
func TestRoleOf(t *testing.T) {
	digest := strings.Repeat("0a", 32)
	for _, name := range []string{digest + ".root.json", "root." + digest + ".json", strings.ToUpper(digest) + ".targets.json", digest + digest + ".x.json",
		"targets.json.bak", "targets", "delegations/acme.json", "x/1.root.json"} {
		if role, _, ok := RoleOf(TUF, name); ok {
			t.Errorf("%s is taken for the file of %s", name, role)
		}
	}
	for _, name := range []string{"acme.json", "1.targets.json", "delegations/targets.json", "x/acme.json"} {
		if role, _, ok := RoleOf(OTACE, name); ok {
			t.Errorf("ota-ce: %s is taken for the file of %s", name, role)
		}
	}
}

// TestEscapedNames finds the file of a role under each spelling of its name, and
// says which.
func TestEscapedNames(t *testing.T) {
	for _, c := range []struct{ role, name string }{
		{"acme brakes", "1.acme%20brakes.json"}, {"acme brakes", "1.acme brakes.json"},
		{"a@b", "1.a@b.json"}, {"a@b", "1.a%40b.json"}, {"a/b", "1.a/b.json"}, {"50%", "1.50%.json"},
	} {
		r := newRepo(t, TUF)
		r.delegate("targets", c.role, 7, false, "a/*").Images = []Image{image("a/1")}
		r.publish()
		data := r.files[TUF.MetadataPath(c.role, 1)]
		delete(r.files, TUF.MetadataPath(c.role, 1))
		r.files[c.name] = data
		client, err := r.verify(nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if _, role, err := client.Find("a/1"); err != nil || role != c.role || client.File(role).Name != c.name {
			t.Errorf("%s: found in %q, %v", c.name, role, err)
		}
		delete(r.files, c.name)
		if _, err := r.verify(nil); err == nil || !strings.HasPrefix(err.Error(), TUF.MetadataPath(c.role, 1)+": ") {
			t.Errorf("%s is missing: %v", c.role, err)
		}
	}
	r := newRepo(t, TUF)
	r.delegate("targets", "../1.root", 7, false, "a/*")
	r.publish()
	delete(r.files, TUF.MetadataPath("../1.root", 1))
	r.verify(nil)
	if slices.ContainsFunc(r.asked, func(name string) bool { return strings.HasPrefix(name, "../") }) {
		t.Errorf("asked for %s", fmt.Sprint(r.asked))
	}
}
