package custody

import (
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// starter is a new workspace, with tokens in its site.yaml.
func starter(t *testing.T, tokens ...string) string {
	t.Helper()
	dir := t.TempDir() + "/w"
	if err := declare.Init(dir, declare.InitParams{Fleet: "w", Format: "tuf"}); err != nil {
		t.Fatal(err)
	}
	ceremonytest.Rewrite(t, dir, "site.yaml", func(text string) string {
		text = strings.Replace(text, "    env:", "    sha256: "+strings.Repeat("ab", 32)+"\n    env:", 1) + "tokens:\n"
		for _, token := range tokens {
			text += "  " + token + ": {module: softhsm, uri: \"pkcs11:serial=" + token + "\", pin: ask}\n"
		}
		return text
	})
	return dir
}

func repositoryOf(t *testing.T, dir, name string) (*workspace.Trust, *workspace.Site, *workspace.Repository) {
	t.Helper()
	ws := ceremonytest.Open(t, dir)
	trust, err := ws.Trust()
	if err != nil {
		t.Fatal(err)
	}
	site, err := ws.Site()
	if err != nil {
		t.Fatal(err)
	}
	return trust, site, trust.Repositories[name]
}

// TestPropose gives each custodian tokens of its own, by likeness, and spreads the keys
// of a role.
func TestPropose(t *testing.T) {
	image := []string{"root-a", "root-b", "root-c", "targets-a", "targets-b", "targets-c", "snapshot-1", "snapshot-2", "timestamp-1", "timestamp-2"}
	for _, tt := range []struct {
		name   string
		tokens string
		known  string // keys of site.yaml
		want   string
	}{
		{"eight tokens", "officer-1 officer-2 officer-3 release-1 release-2 release-3 ci ci-spare", "",
			"officer-1 officer-2 officer-3 release-1 release-2 release-3 ci ci-spare ci ci-spare"},
		{"in another order", "ci-spare ci release-3 release-2 release-1 officer-3 officer-2 officer-1", "",
			"officer-1 officer-2 officer-3 release-1 release-2 release-3 ci-spare ci ci-spare ci"},
		{"one for the team", "officer-1 officer-2 officer-3 release-1 release-2 release-3 ci", "",
			"officer-1 officer-2 officer-3 release-1 release-2 release-3 ci ci ci ci"},
		{"too few", "officer-1 officer-2", "", "officer-1 officer-2 - - - - - - - -"},
		{"names that say nothing", "a b c d e f g h", "", "a b c d e f g h g h"},
		{"what is known stays", "a b c d e f g h", "keys: {director-root-a: h}\n", "h a b c d e f g f g"},
	} {
		dir := starter(t, strings.Fields(tt.tokens)...)
		if tt.known != "" {
			ceremonytest.Rewrite(t, dir, "site.yaml", func(text string) string { return text + tt.known })
		}
		trust, site, repo := repositoryOf(t, dir, "image")
		var got []string
		for _, h := range Propose(trust, site, repo, image) {
			if h.Token == "" {
				h.Token = "-"
			}
			got = append(got, h.Token)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, strings.Join(got, " "), tt.want)
		}
	}
}

// TestAssign writes what people agree to, keeps what they wrote, and writes nothing
// else.
func TestAssign(t *testing.T) {
	keys := []string{"root-a", "root-b"}
	for _, tt := range []struct {
		name    string
		tokens  []string
		answers []string
		code    fault.Code
		says    string // in what is said, or the error
		wants   string // in site.yaml; empty: unchanged
	}{
		{"add", []string{"officer-1", "officer-2"}, []string{" ADD "}, 0, "root-a: officer-1            crypto officer 1", "keys:\n  root-a: officer-1\n  root-b: officer-2\n"},
		{"changed", []string{"officer-1", "officer-2", "x"}, []string{"root-b : x", "add"}, 0, "root-b: x", "  root-b: x\n"},
		{"no such key", []string{"officer-1", "officer-2"}, []string{"root-z: officer-1", ""}, fault.Usage, `"root-z" is none of these keys`, ""},
		{"no such token", []string{"officer-1", "officer-2"}, []string{"root-a: y", ""}, fault.Usage, `token is "y", want one of officer-1, officer-2`, ""},
		{"nothing", []string{"officer-1", "officer-2"}, []string{""}, fault.Usage, "nothing was written", ""},
		{"yes is no word for it", []string{"officer-1", "officer-2"}, []string{"yes", ""}, fault.Usage, "nothing was written", ""},
		{"too few tokens", []string{"officer-1"}, []string{"add"}, fault.Usage, "root-b has no token yet", ""},
		{"no tokens", nil, nil, fault.Usage, "there is no token that could hold root-a, root-b", ""},
		{"nobody", []string{"officer-1", "officer-2"}, nil, fault.Failed, "", ""},
	} {
		dir := starter(t, tt.tokens...)
		if tt.tokens == nil {
			ceremonytest.Rewrite(t, dir, "site.yaml", func(text string) string { return strings.TrimSuffix(text, "tokens:\n") })
		}
		before := ceremonytest.Content(t, dir, "site.yaml")
		person := &ceremonytest.Person{Answers: tt.answers}
		ws := ceremonytest.Open(t, dir)
		trust, err := ws.Trust()
		if err != nil {
			t.Fatal(err)
		}
		err = Assign(t.Context(), room.Room{Workspace: ws, Prompter: person}, trust, "image", keys)
		said := strings.Join(person.Said, "\n")
		if err != nil {
			said += err.Error()
		}
		if fault.CodeOf(err) != tt.code || !strings.Contains(said, tt.says) {
			t.Errorf("%s: got %v, said %s; want %s", tt.name, err, said, tt.says)
		}
		after, readErr := os.ReadFile(dir + "/site.yaml")
		if readErr != nil {
			t.Fatal(readErr)
		}
		if tt.wants == "" && string(after) != before || !strings.Contains(string(after), tt.wants) || !strings.HasPrefix(string(after), before[:200]) {
			t.Errorf("%s: site.yaml ends with %q", tt.name, after[max(0, len(after)-300):])
		}
	}
}
