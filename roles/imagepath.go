package roles

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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

// CheckPathPattern checks the pattern of a delegation as far as every client agrees:
// text of a format in normal form, and no way out of a folder. What each of them makes
// of its wildcards is for a policy to judge: running fleets have all kinds.
func CheckPathPattern(f Format, pattern string) error {
	switch {
	case pattern == "" || len(pattern) > MaxImagePath:
		return fmt.Errorf("pattern of %d bytes, want 1 to %d", len(pattern), MaxImagePath)
	case Printable(pattern) != pattern || !norm.NFC.IsNormalString(pattern):
		return errors.New("it has characters that cannot be shown as they are, or is not in normal form C (RFC 5198)")
	case slices.Contains(strings.Split(pattern, "/"), ".."):
		return errors.New(`it has a part "..": no image has such a path`)
	}
	return f.checkText([]byte(pattern))
}

const maxDelegatedName = 128

var delegatedNames = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_./@+~-]*$`)

// CheckDelegatedName checks the name of a delegated role, from which the name of a
// file beside the top-level ones is made. Which of them clients take is for a policy
// to judge.
func CheckDelegatedName(name string) error {
	if len(name) > maxDelegatedName || !delegatedNames.MatchString(name) {
		return errors.New("want 1 to 128 letters, digits and - _ . / @ + ~, a letter, a digit, - or _ first")
	}
	if err := CheckFileName(url.PathEscape(name)); err != nil {
		return err
	}
	return CheckRoleName(name)
}
