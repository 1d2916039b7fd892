package roles

import "testing"

// TestPatterns matches delegations' patterns as each format's clients do.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		tuf, otaCE    bool
	}{
		{"a.bin", "a.bin", true, true},
		{"a.bin", "aXbin", false, false},
		{"a.bin", "a.bin/b", false, false},
		{"*", "a.bin", true, true},
		{"*", "a/b.bin", false, true}, // TUF 1.0.34 §4.5 against fnmatch without FNM_PATHNAME
		{"*/*", "a/b.bin", true, true},
		{"a/*", "a/b.bin", true, true},
		{"a/*", "a/b/c.bin", false, true},
		{"a/*", "b/a/c.bin", false, false},
		{"a/*", "a/", true, true},
		{"a/*", "A/b", false, false},
		{"a?b", "axb", true, true},
		{"a?b", "a/b", false, true},
		{"[ab]*", "b.bin", true, true},
		{"[!ab]*", "b.bin", false, false},
		{"[!ab]*", "c.bin", true, true},
		{`a\*`, "a*", false, false}, // clients disagree: matches nothing
		{"[", "[", false, false},
		{"", "", true, true},
		{"", "a", false, false},
	} {
		r := DelegatedRole{Paths: []string{"nothing", c.pattern}}
		if got := r.Covers(TUF, c.path); got != c.tuf {
			t.Errorf("tuf: %q covers %q: %t", c.pattern, c.path, got)
		}
		if got := r.Covers(OTACE, c.path); got != c.otaCE {
			t.Errorf("ota-ce: %q covers %q: %t", c.pattern, c.path, got)
		}
	}
}

// TestHashPrefixes delegates by the digest of a path (TUF 1.0.34 §4.5).
func TestHashPrefixes(t *testing.T) {
	r := DelegatedRole{HashPrefixes: []string{"00", "ca97"}} // SHA-256("a") begins with ca978112
	if !r.Covers(TUF, "a") || r.Covers(TUF, "b") {
		t.Error("want a covered and b not")
	}
}
