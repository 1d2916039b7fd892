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
	images := e.images().next
	for i := range images {
		image := &images[i]
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
			b.got += fmt.Sprintf(", and %d more likewise", b.more)
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
	judged := func(verdict uint8) func(*listed) string {
		return func(i *listed) string {
			if i.path != verdict {
				return ""
			}
			return "listed under that path"
		}
	}
	weigh := func(p place, got, want string) { e.weigh(p.role, p, got, want) }
	e.eachImage(e.report, "", `a relative path without . and .. as parts, control characters, ? and \`, judged(badPath))
	e.eachImage(weigh, "", "a path without % # and :", judged(riskyPath))
	e.eachImage(e.advise, "", "ASCII letters, digits, . _ - + ~ @ = and /, without a leading dot, as advised", judged(oddPath))
}}

// What to think of a path, or of a character of it.
const (
	goodPath  = iota
	oddPath   // some store or client may stumble over it
	riskyPath // some client cannot fetch it
	badPath   // it leaves its folder, means another file to some client, or cannot be fetched
)

// characters judges each byte of a path. Bytes of characters beyond ASCII are
// odd.
var characters = func() (table [256]uint8) {
	for c := range table {
		switch letter := 'a' <= c|0x20 && c|0x20 <= 'z'; {
		case c < ' ' || c == 0x7f || c == '?' || c == '\\':
			table[c] = badPath
		case c == '%' || c == '#' || c == ':':
			table[c] = riskyPath
		case !letter && !strings.ContainsRune("0123456789._-+~@=/", rune(c)):
			table[c] = oddPath
		}
	}
	return table
}()

// judgePath judges characters and parts: tuf-js matches no leading dot with a
// wildcard.
func judgePath(path string) uint8 {
	verdict, start := uint8(goodPath), 0
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			verdict = max(verdict, characters[path[i]])
			continue
		}
		switch part := path[start:i]; {
		case part == "" || part == "." || part == "..":
			return badPath
		case part[0] == '.':
			verdict = max(verdict, oddPath)
		}
		start = i + 1
	}
	if verdict != goodPath && !norm.NFC.IsNormalString(path) {
		return badPath
	}
	return verdict
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
	var first *listed // of the path
	e.eachImage(e.report, "", "one file under one path", func(i *listed) string {
		if first == nil || first.Path != i.Path {
			first = i
		} else if differ(first.Image, i.Image) {
			return "another file than in role " + first.role
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

// maxMatches bounds the patterns that are tried for images.
const maxMatches = 1 << 24

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
	work := 0
	matchers := map[*trusted]*roles.Matcher{}
	e.eachImage(e.report, "", "a path that the role may speak for", func(i *listed) string {
		for t := i.trusted; t != nil && t.delegation != nil; t = t.parent {
			if matchers[t] == nil {
				matchers[t] = roles.NewMatcher(e.Format, []roles.DelegatedRole{*t.delegation})
			}
			if work > maxMatches {
				e.lacks()
				return ""
			}
			covering, tried := matchers[t].Covering(i.Path)
			if work += tried; len(covering) == 0 {
				return "beyond the paths of role " + t.Name
			}
		}
		return ""
	})
}}
