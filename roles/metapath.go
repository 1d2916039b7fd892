package roles

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fileName is the name of a role's file without version. Names that could mean
// anything to a file system or a web server are escaped.
func fileName(role string) string { return url.PathEscape(role) + ".json" }

// MetadataPaths are the names under which the file of a role may lie, the one
// that keyrite gives it first. Where a role's name needs escaping, clients differ
// in which characters they escape, and files that a server gives out by the
// decoded name lie under that.
func MetadataPaths(f Format, role string, version int64) []string {
	name := f.MetadataPath(role, version)
	front := strings.TrimSuffix(name, fileName(role))
	paths := []string{name}
	for _, spelled := range []string{strings.ReplaceAll(url.QueryEscape(role), "+", "%20"), role} {
		if other := front + spelled + ".json"; fs.ValidPath(other) && !slices.Contains(paths, other) {
			paths = append(paths, other)
		}
	}
	return paths
}

var numberedName = regexp.MustCompile(`^([1-9][0-9]{0,9})\.(.+)$`)

// isHashed says whether the name of a file begins or ends with a hash of it.
func isHashed(stem string) bool {
	first, _, more := strings.Cut(stem, ".")
	return more && (isSum(first) || isSum(stem[strings.LastIndexByte(stem, '.')+1:]))
}

func isSum(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && (len(text) == 2*sha256.Size || len(text) == 2*sha512.Size)
}

// RoleOf tells the role whose file has a name in the metadata folder, and the
// file's version by its name, 0 where it is not numbered. Copies under hashes, as
// older repositories keep them, are nobody's file.
func RoleOf(f Format, name string) (role string, version int64, ok bool) {
	stem, isJSON := strings.CutSuffix(path.Base(name), ".json")
	if !isJSON || isHashed(stem) {
		return "", 0, false
	}
	if m := numberedName.FindStringSubmatch(stem); m != nil {
		version, _ = strconv.ParseInt(m[1], 10, 64)
		stem = m[2]
	}
	for _, role := range spelledBy(stem) {
		if slices.Contains(MetadataPaths(f, role, version), name) {
			return role, version, true
		}
	}
	return "", 0, false
}

// spelledBy are the names of roles that a name of a file may stand for.
func spelledBy(stem string) []string {
	if decoded, err := url.PathUnescape(stem); err == nil {
		return []string{decoded, stem}
	}
	return []string{stem}
}
