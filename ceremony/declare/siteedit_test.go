package declare

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

var hash = strings.Repeat("ab", 32)

// editSite changes a site.yaml and returns what it is afterwards.
func editSite(t *testing.T, before string, change func(*SiteEdit) error) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, workspace.SiteFile), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_, err = EditSite(ws, change)
	after, readErr := os.ReadFile(filepath.Join(dir, workspace.SiteFile))
	if readErr != nil {
		t.Fatal(readErr)
	}
	if names, _ := ws.List("."); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
	if info, _ := os.Stat(filepath.Join(dir, workspace.SiteFile)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %o now", info.Mode().Perm())
	}
	return string(after), err
}

// TestEditSite sets up the room of a new workspace. All that its template said is
// still there.
func TestEditSite(t *testing.T) {
	template, err := Starter(workspace.SiteFile, InitParams{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := editSite(t, string(template), func(e *SiteEdit) error {
		soft := e.Modules()["softhsm"]
		soft.SHA256 = hash
		token := workspace.TokenDecl{Module: "softhsm", URI: "pkcs11:serial=1;token=a", PIN: "ask"}
		return errors.Join(e.SetModule("softhsm", soft),
			e.SetModule("card", workspace.ModuleDecl{Path: "/usr/lib/card.so", SHA256: hash, Env: map[string]string{"X": "1"}, Connects: []string{"/run/a b"}}),
			e.SetToken("officer-1", token),
			e.SetToken("ci", workspace.TokenDecl{Module: "card", URI: "pkcs11:serial=2", PIN: "file:/run/pin", Unattended: []string{"snapshot"}}),
			e.SetKey("root-a", "ci"), e.SetKey("root-b", "ci"), e.SetKey("root-a", "officer-1"))
	})
	if err != nil {
		t.Fatal(err)
	}
	added := `    sha256: ` + hash + `
  card:
    path: /usr/lib/card.so
    sha256: ` + hash + `
    env: {X: "1"}
    connects: ["/run/a b"]
tokens:
  officer-1: {module: softhsm, uri: "pkcs11:serial=1;token=a", pin: ask}
  ci: {module: card, uri: "pkcs11:serial=2", pin: "file:/run/pin", unattended: [snapshot]}
keys:
  root-a: officer-1
  root-b: ci
`
	rest := got
	for _, line := range strings.SplitAfter(added, "\n") {
		before, after, found := strings.Cut(rest, "\n"+line)
		if !found {
			t.Fatalf("%q is missing in\n%s", line, got)
		}
		rest = before + "\n" + after
	}
	if !strings.Contains(got, "unattended: [snapshot, timestamp]}\ntokens:\n  officer-1") {
		t.Errorf("tokens are not below their example:\n%s", got)
	}
	if rest != string(template) {
		t.Errorf("the template was changed beyond that:\n%s", got)
	}
}

// siteToEdit is written as people do it: each thing on one line.
const siteToEdit = `version: 1
site: main
modules:
  safe: {path: /usr/lib/softhsm/libsofthsm2.so, sha256: 4be1ab68d9d74e6a0c4a28a2ff8a4dd9a10a1ed1a5a8c8b1a5cbb7a3b3a9d001, init: "configdir='a'"}
tokens:
  officer-1: {module: safe, uri: "pkcs11:serial=8a3f;token=officer-1", pin: ask}
  ci: {module: safe, uri: "pkcs11:serial=77b1", pin: "file:/run/secrets/pin", unattended: [snapshot, timestamp]}
keys: {root-a: officer-1, snapshot-1: ci}
`

func TestEditSiteChangesFields(t *testing.T) {
	got, err := editSite(t, siteToEdit, func(e *SiteEdit) error {
		token := e.Tokens()["officer-1"]
		token.URI = "pkcs11:serial=9"
		return errors.Join(e.SetToken("officer-1", token), e.SetKey("root-b", e.Keys()["root-a"]))
	})
	want := strings.NewReplacer("pkcs11:serial=8a3f;token=officer-1", "pkcs11:serial=9", "snapshot-1: ci}", "snapshot-1: ci, root-b: officer-1}").Replace(siteToEdit)
	if err != nil || got != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

// TestEditSiteRefuses leaves the file as it is.
func TestEditSiteRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		change func(*SiteEdit) error
		want   string
	}{
		"no good afterwards":   {siteToEdit, func(e *SiteEdit) error { return e.SetKey("root-b", "nobody") }, `keys.root-b is "nobody", which is not declared`},
		"not a name":           {siteToEdit, func(e *SiteEdit) error { return e.SetKey("x: y", "ci") }, "is not a name"},
		"not readable":         {"version: 1\nmodules: [a]\n", func(e *SiteEdit) error { return nil }, "modules is a list"},
		"a field must go":      {siteToEdit, func(e *SiteEdit) error { ci := e.Tokens()["ci"]; ci.Unattended = nil; return e.SetToken("ci", ci) }, "edit it by hand"},
		"its own error":        {siteToEdit, func(e *SiteEdit) error { e.SetKey("root-b", "ci"); return errors.New("stop") }, "stop"},
		"a document that ends": {siteToEdit[:strings.Index(siteToEdit, "keys:")] + "...\n", func(e *SiteEdit) error { return e.SetKey("root-b", "ci") }, ""},
	} {
		got, err := editSite(t, test.before, test.change)
		if err == nil || !strings.Contains(err.Error(), test.want) || got != test.before {
			t.Errorf("%s: got %v, want %q\n%s", name, err, test.want, got)
		}
	}
}

// TestEditSiteLosesNothing holds that what another editor wrote meanwhile is kept.
func TestEditSiteLosesNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, workspace.SiteFile)
	os.WriteFile(file, []byte(siteToEdit), 0o644)
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_, err = EditSite(ws, func(e *SiteEdit) error {
		if _, err := EditSite(ws, func(*SiteEdit) error { return nil }); err == nil || !strings.Contains(err.Error(), "another keyrite changes it") {
			t.Errorf("two at once: got %v", err)
		} else if hints := fault.Hints(err); !slices.Equal(hints, []string{"wait until it has ended"}) {
			t.Errorf("got the hints %q", hints)
		}
		os.WriteFile(file, []byte(siteToEdit+"# mine\n"), 0o644)
		return e.SetKey("root-b", "ci")
	})
	if got, _ := os.ReadFile(file); string(got) != siteToEdit+"# mine\n" || fault.CodeOf(err) != fault.Failed || !strings.Contains(err.Error(), "was changed by somebody else meanwhile") {
		t.Errorf("got %v\n%s", err, got)
	}
	if hints := fault.Hints(err); !slices.Equal(hints, []string{"run the same command again"}) {
		t.Errorf("got the hints %q", hints)
	}
}
