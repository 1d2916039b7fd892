package workspace

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

// TestSuggestions: what is misspelt in a file has the name that was meant, if one is near.
func TestSuggestions(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"{root: 2, targets: 2}", "{roots: 2}", "root"},
		{"keys: [targets-a]", "keys: [targets-a, target-a]", "targets-a"},
		{"type: rsa-3072", "type: rsa3072", "rsa-3072"},
		{"      timestamp:", "      timestmap:", "timestamp"},
		{"format: ota-ce", "fromat: ota-ce", "format"},
		{"format: ota-ce", "format: otace", "ota-ce"},
		{"check: KEYS-DISTINCT", "check: KEYS-DISTINKT", "KEYS-DISTINCT"},
	} {
		if !strings.Contains(goodTrust, test.old) {
			t.Fatalf("%q is not in the file", test.old)
		}
		_, err := ParseTrust(TrustFile, []byte(strings.Replace(goodTrust, test.old, test.new, 1)))
		wantSuggestion(t, test.new, err, test.want)
	}
}

func TestSuggestionsOfSite(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"root-a: officer-1", "root-a: oficer-1", "officer-1"},
		{"module: safe", "module: saef", "safe"},
		{"unattended:", "unatended:", "unattended"},
	} {
		if !strings.Contains(goodSite, test.old) {
			t.Fatalf("%q is not in the file", test.old)
		}
		_, err := ParseSite(SiteFile, []byte(strings.Replace(goodSite, test.old, test.new, 1)), t.TempDir())
		wantSuggestion(t, test.new, err, test.want)
	}
}

// TestSuggestionsOfPolicy: what is no check is said of each place, and what is one has no
// other put in its stead.
func TestSuggestionsOfPolicy(t *testing.T) {
	for text, want := range map[string]string{
		"extends: uptane-imagee\nversion: 1\n":                                               "uptane-image",
		"extends: tuf\nversion: 1\nseverity: {ROOT-TRESHOLD: error, ROOT-KEYS: error}\n":     "ROOT-THRESHOLD",
		"extends: tuf\nversion: 1\nloosen: [{check: KEYS-DISTINKT, reason: r, person: p}]\n": "KEYS-DISTINCT",
	} {
		_, err := ParsePolicy("ours.yaml", []byte(text))
		wantSuggestion(t, text, err, want)
		if hints := fault.Hints(err); len(hints) > 1 {
			t.Errorf("%s: hints %q, want one", text, hints)
		}
	}
}

// TestSuggestionsOfPeople: a part that trust.yaml does not have is told; who watches
// and who has keys are parts, in capitals too.
func TestSuggestionsOfPeople(t *testing.T) {
	trust, err := ParseTrust(TrustFile, []byte(goodTrust))
	if err != nil {
		t.Fatal(err)
	}
	custodian := slices.Sorted(maps.Values(trust.Repositories[trust.RepositoryNames()[0]].Custodians()))[0]
	for _, p := range []struct{ part, want string }{
		{custodian, ""}, {strings.ToUpper(custodian), ""}, {"external witness", ""}, {"administrator", ""},
		{custodian[:len(custodian)-1] + "§", custodian}, {"internal wittness", "internal witness"},
	} {
		n, err := ParseNames(PeopleFile, []byte("version: 1\npeople: [{part: "+p.part+", name: Name One}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		unknown := n.Unknown(trust)
		if p.want == "" && len(unknown) > 0 {
			t.Errorf("%s: %v", p.part, unknown)
		} else if p.want != "" {
			wantSuggestion(t, p.part, strict.Join(unknown), p.want)
		}
	}
}

// TestKeyWithoutRecord: one that is declared says how it comes to be, one that is not has
// the name that was meant, also when that has no record either.
func TestKeyWithoutRecord(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, TrustFile), []byte(goodTrust), 0o600); err != nil {
		t.Fatal(err)
	}
	ws, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_, err = ws.Key("targets-a")
	if hints := fault.Hints(err); !errors.Is(err, fs.ErrNotExist) || len(hints) != 1 || !strings.HasPrefix(hints[0], "targets-a is declared and has no record yet") {
		t.Errorf("got %v, hints %q", err, hints)
	}
	_, err = ws.Key("tragets-a")
	wantSuggestion(t, "tragets-a", err, "targets-a")
}

func wantSuggestion(t *testing.T, written string, err error, want string) {
	t.Helper()
	if want := "did you mean " + want + "?"; !slices.Contains(fault.Hints(err), want) {
		t.Errorf("%s: got %v, hints %q; want %q", written, err, fault.Hints(err), want)
	}
}
