package roles

import (
	"strings"
	"testing"
)

func TestCheckImagePath(t *testing.T) {
	for _, path := range []string{"a", "a.bin", "acme-brakes/fw 1.2.bin", "a/b/c_d+e~f", strings.Repeat("a", maxPathSegment), "a\"b"} {
		if err := CheckImagePath(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, path := range []string{
		"", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a/./b", ".hidden", "a/.hidden", " a", "a /b",
		"a\\b", "a:b", "a?b", "a#b", "a%2fb", "a*b", "a[b]", "a\x00b", "a\nb", "ä", "a\u202eb", "\xff",
		strings.Repeat("a", maxPathSegment+1), strings.Repeat("a/", MaxImagePath),
	} {
		if err := CheckImagePath(path); err == nil {
			t.Errorf("%q: accepted", path)
		}
	}
}

func TestCheckPathPattern(t *testing.T) {
	for _, f := range Formats {
		for _, pattern := range []string{"a", "*", "acme/*", "supplier-A-*", "acme/fw-*.bin", "*/a", "a/*/b", "**", "a/**", "a?", "[ab]", "{a,b}", "/a", "a/.*", "aux/*"} {
			if err := CheckPathPattern(f, pattern); err != nil {
				t.Errorf("%s: %q: %v", f.Name(), pattern, err)
			}
		}
		for _, pattern := range []string{"", "../*", "a/../*", "..", "a\x00", "a\n", "a\u202e", "e\u0301", "\xff", strings.Repeat("a", MaxImagePath+1)} {
			if err := CheckPathPattern(f, pattern); err == nil {
				t.Errorf("%s: %q: accepted", f.Name(), pattern)
			}
		}
	}
	if CheckPathPattern(TUF, "caf\u00e9/*") != nil || CheckPathPattern(OTACE, "caf\u00e9/*") == nil {
		t.Error("text outside ASCII is for tuf alone")
	}
}
