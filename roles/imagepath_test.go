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
	for _, pattern := range []string{"a", "*", "acme/*", "supplier-A-*", "acme/fw-*.bin"} {
		if err := CheckPathPattern(pattern); err != nil {
			t.Errorf("%q: %v", pattern, err)
		}
	}
	for _, pattern := range []string{"", "/*", "*/a", "a/*/b", "**", "a/**", "a/*b*", "../*", "a/.*", "a?", "[ab]"} {
		if err := CheckPathPattern(pattern); err == nil {
			t.Errorf("%q: accepted", pattern)
		}
	}
}
