package workspace

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

// TestSuggestions: what is misspelt in a file has the name that was meant, if one is near.
func TestSuggestions(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"{root: 2, targets: 2}", "{roots: 2}", "root"},
		{"keys: [targets-a]", "keys: [targets-a, target-a]", "targets-a"},
		{"type: rsa-3072", "type: rsa3072", "rsa-3072"},
		{"      timestamp:", "      timestmap:", "timestamp"},
		{"format: ota-ce", "fromat: ota-ce", "format"},
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

func wantSuggestion(t *testing.T, written string, err error, want string) {
	t.Helper()
	if want := "did you mean " + want + "?"; !slices.Contains(fault.Hints(err), want) {
		t.Errorf("%s: got %v, hints %q; want %q", written, err, fault.Hints(err), want)
	}
}
