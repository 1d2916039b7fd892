package policies

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/roles"
	"golang.org/x/text/unicode/norm"
)

// eachImage judges every image. Of the images of one role it reports the first
// bad one and how many more there are. A judge returns what it got, "" for a
// good image.
func (e *exam) eachImage(report func(p place, got, want string), field, want string, judge func(*listed) string) {
	if e.Next.Targets == nil {
		e.lacks()
		return
	}
	type bad struct {
		first *listed
		got   string
		more  int
	}
	found := map[string]*bad{}
	var order []*bad
	for _, image := range e.images().next {
		got := judge(image)
		if got == "" {
			continue
		}
		if b := found[image.role]; b != nil {
			b.more++
			continue
		}
		found[image.role] = &bad{first: image, got: got}
		order = append(order, found[image.role])
	}
	for _, b := range order {
		if b.more > 0 {
			b.got += fmt.Sprintf(", and %d more images likewise", b.more)
		}
		report(place{b.first.role, fmt.Sprintf("%s.images[%q]%s", e.rolePath(b.first.role), b.first.Path, field)}, b.got, want)
	}
}

var imagePath = check{CheckInfo{
	ID:       "IMAGE-PATH",
	Severity: Error,
	Title:    "image paths stay in their folder and are read alike by all clients",
	Hint:     "rename the image: letters, digits, `.`, `_`, `-` and `/` are safe",
	Sources:  []string{"UPT-017", "UPT-018", "TUF-017", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.eachImage(e.report, "", "a relative path without . and .. as parts, control characters and % # ? \\ :", func(i *listed) string {
		if badPath(i.Path) {
			return "listed under that path"
		}
		return ""
	})
	e.eachImage(e.advise, "", "ASCII letters, digits, . _ - + ~ @ = and /, without a leading dot, as advised", func(i *listed) string {
		if !badPath(i.Path) && unusualPath(i.Path) {
			return "listed under that path"
		}
		return ""
	})
}}

// badPath finds paths that leave their folder, mean different files to
// different clients, or cannot be fetched.
func badPath(path string) bool {
	start := 0
	for i := 0; i <= len(path); i++ {
		if i == len(path) || path[i] == '/' {
			if part := path[start:i]; part == "" || part == "." || part == ".." {
				return true
			}
			start = i + 1
			continue
		}
		if c := path[i]; c < ' ' || c == 0x7f || strings.IndexByte(`%#?\:`, c) >= 0 {
			return true
		}
	}
	return !norm.NFC.IsNormalString(path)
}

// unusualPath finds paths that some store or client may stumble over; tuf-js
// does not match a leading dot with a wildcard.
func unusualPath(path string) bool {
	for i := range len(path) {
		c := path[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("._-+~@=/", c) < 0 || c == '.' && (i == 0 || path[i-1] == '/') {
			return true
		}
	}
	return false
}

var imageCase = check{CheckInfo{
	ID:       "IMAGE-CASE",
	Severity: Warning,
	Title:    "no two image paths differ in upper and lower case only",
	Hint:     "rename one of the images: some stores keep one file for both",
	Sources:  []string{"UPT-019"},
	Waivable: true,
}, func(e *exam) {
	seen := map[string]string{}
	for _, image := range e.images().next {
		if lower := strings.ToLower(image.Path); lower != image.Path {
			seen[lower] = ""
		}
	}
	e.eachImage(e.report, "", "paths that differ in more", func(i *listed) string {
		if len(seen) == 0 {
			return ""
		}
		lower := strings.ToLower(i.Path)
		other, watched := seen[lower]
		if !watched || other == i.Path {
			return ""
		}
		seen[lower] = i.Path
		if other == "" {
			return ""
		}
		return fmt.Sprintf("a path like %q but for its case", other)
	})
}}

var imageUnique = check{CheckInfo{
	ID:       "IMAGE-UNIQUE",
	Severity: Error,
	Title:    "roles that list one path mean one file",
	Hint:     "let one role list the path: vehicles that ask in another order would get another file",
	Sources:  []string{"UPT-019"},
	Waivable: true,
}, func(e *exam) {
	var last *listed
	e.eachImage(e.report, "", "one file under one path", func(i *listed) string {
		defer func() { last = i }()
		if last != nil && last.Path == i.Path && differ(last.Image, i.Image) {
			return "another file than in role " + last.role
		}
		return ""
	})
}}

var imageChanged = check{CheckInfo{
	ID:       "IMAGE-CHANGED",
	Severity: Error,
	Title:    "a path that is signed keeps its file",
	Hint:     "list the new file under a new path: vehicles that have the old one refuse it",
	Sources:  []string{"UPT-019", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	if !e.needPrevious() {
		return
	}
	e.eachImage(e.report, "", "the file that is signed", func(i *listed) string {
		if i.before != nil && differ(i.before.Image, i.Image) {
			return "another file than before"
		}
		return ""
	})
}}

// differ compares length and digests; of digests that only one states nothing
// is known.
func differ(a, b *roles.Image) bool {
	if a.Length != b.Length {
		return true
	}
	if x, y := a.Hashes.SHA256, b.Hashes.SHA256; x != nil && y != nil && *x != *y {
		return true
	}
	x, y := a.Hashes.SHA512, b.Hashes.SHA512
	return x != nil && y != nil && *x != *y
}

var imageHashes = check{CheckInfo{
	ID:       "IMAGE-HASHES",
	Severity: Error,
	Title:    "every image has a SHA-256 digest, which all clients know",
	Hint:     "list the image anew with `keyrite hash`",
	Sources:  []string{"UPT-014", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.eachImage(e.report, ".hashes", "sha256", func(i *listed) string {
		if i.Hashes.SHA256 == nil {
			return "without sha256"
		}
		return ""
	})
}}

var imageAllowed = check{CheckInfo{
	ID:       "IMAGE-ALLOWED",
	Severity: Error,
	Title:    "every role lists only images that all delegations above it allow",
	Hint:     "move the image below the role's prefix: clients do not find it where it is",
	Sources:  []string{"TUF-019", "DBP-027"},
	Waivable: true,
}, func(e *exam) {
	e.eachImage(e.report, "", "a path that the role may speak for", func(i *listed) string {
		for t := e.role(i.role); t != nil && t.delegation != nil; t = t.parent {
			if !t.delegation.Covers(e.Format, i.Path) {
				return "beyond the paths of role " + t.Name
			}
		}
		return ""
	})
}}
