package takeover

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// TestImportUndeclarable says of a delegation that trust.yaml cannot say in which file
// it is, whose, and what to do; and leaves a folder as it was.
func TestImportUndeclarable(t *testing.T) {
	for _, tt := range []struct{ role, pattern, want string }{
		{"maps", "maps/*.bin", ""},
		{"maps", "maps/?.bin", ""},
		{"maps", "**/maps.bin", ""},
		{"maps", "maps/[ab].bin", ""},
		{"maps", "caf\u00e9/*", ""},
		{"maps.eu", "maps/*", ""},
		{"maps/eu", "maps/*", ""},
		{"maps", "../maps.bin", `2.targets.json: delegation maps: its pattern "../maps.bin" cannot be declared in trust.yaml: it has a part "..": no image has such a path`},
		{"maps", "maps\u202e/*", `its pattern "maps\u202e/*" cannot be declared in trust.yaml: it has characters that cannot be shown as they are`},
		{"maps eu", "maps/*", `2.targets.json: delegation "maps eu": its name cannot be declared in trust.yaml: want 1 to 128 letters, digits and`},
	} {
		r := emptyRoom(t)
		_, err := Import(t.Context(), r, Request{Repository: "image", From: []string{delegating(t, tt.role, tt.pattern)}, Fleet: "f"})
		if tt.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		ceremonytest.WantError(t, err, fault.Refused, tt.want)
		if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "have targets delegate in another way") {
			t.Errorf("got hints %q", hints)
		}
	}
}

// delegating makes the metadata of a repository that delegates a pattern to a role.
func delegating(t *testing.T, role, pattern string) string {
	t.Helper()
	s := ceremonytest.SignedSoftware(t)
	sign := func(name, key string, body roles.Body) {
		draft, err := roles.Encode(roles.TUF, body)
		if err != nil {
			t.Fatal(err)
		}
		s.Write("image/metadata/"+name, string(ceremonytest.Sealed(t, draft, key)))
	}
	key, err := roles.NewKey(roles.TUF, ceremonytest.Key("maps").Public())
	if err != nil {
		t.Fatal(err)
	}
	head := func() roles.Head {
		return roles.Head{Version: 2, Expires: s.Now.AddDate(0, 1, 0), SpecVersion: "1.0.34"}
	}
	targets := &roles.Targets{Head: head(), Delegations: &roles.Delegations{}}
	targets.Delegations.Add(roles.DelegatedRole{Role: roles.Role{Name: role, Threshold: 1}, Paths: []string{pattern}}, []roles.Key{key})
	sign("2.targets.json", "targets-a", targets)
	sign("2.snapshot.json", "snapshot-a", &roles.Snapshot{Head: head(), Meta: []roles.Meta{{Name: "targets.json", Version: 2, Length: -1}}})
	sign("timestamp.json", "timestamp-a", &roles.Timestamp{Head: head(), Snapshot: roles.Meta{Name: "snapshot.json", Version: 2, Length: -1}})
	return s.Path("image/metadata")
}
