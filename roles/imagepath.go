package roles

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Paths of images become parts of URLs and names of files, in places that read
// them differently (Uptane Standard 2.1.0 §5.2.7). Only what all clients of
// both formats read alike is accepted.
const (
	MaxImagePath = 1024
	// maxPathSegment leaves room for a SHA-512 hash and a dot before the name:
	// repositories store images as HASH.NAME, and names of files end at 255 bytes.
	maxPathSegment = 255 - 128 - 1

	ForbiddenInPath = `%#?\:*[]`
)

// CheckImagePath checks the path of one image.
func CheckImagePath(p string) error {
	if p == "" || len(p) > MaxImagePath {
		return fmt.Errorf("path of %d bytes, want 1 to %d", len(p), MaxImagePath)
	}
	if err := CheckPathText(p); err != nil {
		return err
	}
	for segment := range strings.SplitSeq(p, "/") {
		switch {
		case segment == "":
			return errors.New("path has an empty part, want no / at its ends and no //")
		case segment[0] == '.':
			return errors.New("path has a part that begins with a dot")
		case strings.TrimSpace(segment) != segment:
			return errors.New("path has a part that begins or ends with a space")
		case len(segment) > maxPathSegment:
			return fmt.Errorf("path has a part of %d bytes, want at most %d", len(segment), maxPathSegment)
		}
		if err := CheckFileName(segment); err != nil {
			return fmt.Errorf("path has a part that %w", err)
		}
	}
	return nil
}

// inPath tells the bytes that a path may have; there may be a million paths.
var inPath = func() (t [1 << 8]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = !strings.ContainsRune(ForbiddenInPath, c)
	}
	return t
}()

// CheckPathText checks the characters of a path, and nothing else of it.
func CheckPathText(p string) error {
	for i := range len(p) {
		if !inPath[p[i]] {
			r, _ := utf8.DecodeRuneInString(p[i:])
			return fmt.Errorf("path contains %q, want printable ASCII without %s", r, ForbiddenInPath)
		}
	}
	return nil
}

// CheckPathPattern checks the pattern of a delegation: a path, or one whose
// last part has a single `*`. Elsewhere clients disagree: for TUF a `*` stops
// at a slash, for aktualizr it does not.
func CheckPathPattern(pattern string) error {
	dir, last := "", pattern
	if i := strings.LastIndexByte(pattern, '/'); i >= 0 {
		dir, last = pattern[:i+1], pattern[i+1:]
	}
	if strings.Contains(dir, "*") || strings.Count(last, "*") > 1 {
		return errors.New("want at most one *, in the last part of the path")
	}
	return CheckImagePath(dir + strings.Replace(last, "*", "x", 1))
}

var delegatedNames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

// CheckDelegatedName checks the name of a delegated role, which becomes the
// name of a file beside the top-level ones.
func CheckDelegatedName(name string) error {
	if !delegatedNames.MatchString(name) {
		return errors.New("want 1 to 64 letters, digits, - and _, a letter first")
	}
	if err := CheckFileName(name); err != nil {
		return err
	}
	return CheckRoleName(name)
}
