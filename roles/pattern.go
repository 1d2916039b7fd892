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
func (tuf) matchPath(pattern, path string) bool { return glob(pattern, path) }

// matchPath is aktualizr's fnmatch without flags: wildcards cross slashes.
func (otaCE) matchPath(pattern, path string) bool {
	crossing := strings.NewReplacer("/", "\x00")
	return glob(crossing.Replace(pattern), crossing.Replace(path))
}

// glob matches a shell pattern. Clients disagree about escapes and malformed
// brackets, so such patterns match nothing.
func glob(pattern, name string) bool {
	literal := strings.IndexAny(pattern, `*?[\`)
	if literal < 0 {
		return pattern == name
	}
	if !strings.HasPrefix(name, pattern[:literal]) || strings.Contains(pattern, `\`) {
		return false
	}
	matched, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name)
	return matched && err == nil
}

// maxLevels is the number of roles that the measured clients visit at most,
// and so the longest chain.
func (tuf) maxLevels() int { return maxVisited }

// maxLevels is aktualizr's.
func (otaCE) maxLevels() int { return 5 }
