package roles

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"
)

// Covers says whether a delegation speaks for a path.
func (r *DelegatedRole) Covers(f Format, path string) bool {
	if r.HashPrefixes != nil {
		sum := sha256.Sum256([]byte(path))
		digest := hex.EncodeToString(sum[:])
		return slices.ContainsFunc(r.HashPrefixes, func(prefix string) bool { return strings.HasPrefix(digest, prefix) })
	}
	return slices.ContainsFunc(r.Paths, func(pattern string) bool { return f.matchPath(pattern, path) })
}

// matchPath is TUF 1.0.34 §4.5: no wildcard matches a slash.
func (tuf) matchPath(pattern, path string) bool { return glob(pattern, path, false) }

// matchPath is aktualizr's fnmatch without flags: wildcards cross slashes.
func (otaCE) matchPath(pattern, path string) bool { return glob(pattern, path, true) }

// wildcards are the characters that make a text a pattern.
const wildcards = `*?[\`

// glob matches a shell pattern whose wildcards cross slashes or stop at them.
// Clients disagree about escapes and malformed brackets, so such patterns match
// nothing. What most names fail at is looked at first.
func glob(pattern, name string, crossing bool) bool {
	literal := strings.IndexAny(pattern, wildcards)
	switch {
	case literal < 0:
		return pattern == name
	case !strings.HasPrefix(name, pattern[:literal]):
		return false
	case pattern[literal:] == "*":
		return crossing || !strings.Contains(name[literal:], "/")
	case !strings.HasSuffix(name, literalEnd(pattern)) || strings.Contains(pattern, `\`):
		return false
	}
	if crossing {
		pattern, name = strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00")
	}
	matched, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name)
	return matched && err == nil
}

// literalEnd is what every name that matches a pattern ends with: what stands
// behind its last wildcard.
func literalEnd(pattern string) string {
	return pattern[strings.LastIndexAny(pattern, `*?[]\`)+1:]
}

// maxLevels is the number of roles that the measured clients visit at most,
// and so the longest chain.
func (tuf) maxLevels() int { return maxVisited }

// maxLevels is aktualizr's.
func (otaCE) maxLevels() int { return 5 }
