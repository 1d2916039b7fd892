package images

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// List is images.yaml: what a targets role lists, by path. `keyrite hash`
// writes it; people add `custom`.
//
// The file is YAML, but may hold a million images, so it is read in parts and
// in parallel. That asks for one shape: `version`, then `images` as a block
// list with each `- ` on a line of its own, and nothing after it.
type List struct {
	Images []Image // by path, ascending, each path once
}

// Image is one installable file (Uptane Standard 2.1.0 §5.2.3.1).
type Image struct {
	Path   string     `yaml:"path"`
	Length int64      `yaml:"length"` // bytes
	SHA256 sha256Hex  `yaml:"sha256"`
	SHA512 *Sha512Hex `yaml:"sha512,omitempty"` // nil when a repository that was imported lists none
	Custom Custom     `yaml:"custom,omitempty"`
}

// paths yields the path of each image.
func (l *List) paths() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range l.Images {
			if !yield(l.Images[i].Path) {
				return
			}
		}
	}
}

// Sort orders the images by path and reports a path that is there twice.
func (l *List) Sort() (twice string, found bool) {
	byPath := func(a, b Image) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(l.Images, byPath) {
		slices.SortFunc(l.Images, byPath)
	}
	for i := 1; i < len(l.Images); i++ {
		if l.Images[i].Path == l.Images[i-1].Path {
			return l.Images[i].Path, true
		}
	}
	return "", false
}

// Merge takes over `custom` from an older list, for the paths in both. It
// returns the paths of the older list that are gone.
func (l *List) Merge(old *List) (gone []string) {
	for _, image := range old.Images {
		i, found := slices.BinarySearchFunc(l.Images, image.Path, func(i Image, path string) int { return strings.Compare(i.Path, path) })
		if found {
			l.Images[i].Custom = image.Custom
		} else {
			gone = append(gone, image.Path)
		}
	}
	return gone
}

// Roles is the image as metadata lists it. It shares its memory with i.
func (i *Image) Roles() roles.Image {
	hashes := roles.Hashes{SHA256: (*[sha256.Size]byte)(&i.SHA256), SHA512: (*[sha512.Size]byte)(i.SHA512)}
	return roles.Image{Path: i.Path, Length: i.Length, Hashes: hashes, Custom: i.Custom}
}

// With is the list with more images, which take the place of those of the same paths;
// with only, no others. Their custom is the one given or, where none is, what the list
// had.
func (l *List) With(more *List, custom Custom, only bool) *List {
	all := &List{Images: slices.Clone(more.Images)}
	all.Merge(l)
	if custom != nil {
		for i := range all.Images {
			all.Images[i].Custom = custom
		}
	}
	if !only {
		has := func(i Image) bool {
			_, found := slices.BinarySearchFunc(more.Images, i.Path, func(i Image, path string) int { return strings.Compare(i.Path, path) })
			return found
		}
		all.Images = append(all.Images, slices.DeleteFunc(slices.Clone(l.Images), has)...)
		all.Sort()
	}
	return all
}

type (
	sha256Hex [sha256.Size]byte
	Sha512Hex [sha512.Size]byte
)

func (h *sha256Hex) UnmarshalText(text []byte) error { return unhex(h[:], text) }

func (h sha256Hex) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

func (h *Sha512Hex) UnmarshalText(text []byte) error { return unhex(h[:], text) }

func (h Sha512Hex) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// unhex reads exactly len(to) bytes in the one spelling that clients compare.
func unhex(to, text []byte) error {
	var seen byte
	if len(text) == hex.EncodedLen(len(to)) {
		for i := range to {
			high, low := digits[text[2*i]], digits[text[2*i+1]]
			seen |= high | low
			to[i] = high<<4 | low
		}
	}
	if len(text) != hex.EncodedLen(len(to)) || seen > 15 {
		return fmt.Errorf("want %d lower-case hexadecimal digits", hex.EncodedLen(len(to)))
	}
	return nil
}

// digits has the value of each hexadecimal digit, and 255 for all else.
var digits = func() (t [1 << 8]byte) {
	for c := range t {
		t[c] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	return t
}()
