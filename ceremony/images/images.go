package images

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/roles"
	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"
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

// MaxImagesYAML is the largest images.yaml, in bytes: a million images.
const MaxImagesYAML = 512 << 20

// imagesPerPart is how many images one worker reads at a time.
const imagesPerPart = 1000

// Parse reads images.yaml.
func Parse(file string, data []byte) (*List, error) {
	if len(data) > MaxImagesYAML {
		return nil, fault.Errorf(fault.Usage, "%s is %d bytes, want at most %d", file, len(data), MaxImagesYAML)
	}
	if err := strict.CheckText(file, data); err != nil {
		return nil, err
	}
	head, parts := splitImages(file, data)
	if err := checkImagesHead(file, head, len(parts) > 0); err != nil {
		return nil, err
	}
	found := make([][]Image, len(parts))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, part := range parts {
		group.Go(func() (err error) {
			found[i], err = part.images(i * imagesPerPart)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	images := &List{Images: slices.Concat(found...)}
	if twice, ok := images.Sort(); ok {
		return nil, fault.Errorf(fault.Usage, "%s: path %q is there twice", file, twice)
	}
	if err := roles.CheckClash(images.paths()); err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: paths %w", file, err)
	}
	return images, nil
}

// imagesPart is a run of whole entries of images.yaml.
type imagesPart struct {
	strict.Source
	data []byte
}

var firstEntry = regexp.MustCompile(`(?m)^ *- `)

// splitImages cuts a file into what is above the first entry, and parts. An
// entry begins on each line that has the `- ` of the first one. Where such a
// line is the inside of a text, neither side of the cut is YAML.
func splitImages(file string, data []byte) (head []byte, parts []imagesPart) {
	first := firstEntry.FindIndex(data[:min(len(data), strict.MaxBytes)])
	if first == nil {
		return data, nil
	}
	head, rest := data[:first[0]], data[first[0]:]
	dash := slices.Concat([]byte("\n"), data[first[0]:first[1]])
	above := bytes.Count(head, []byte("\n"))
	for len(rest) > 0 {
		part := rest[:endOfPart(rest, dash)]
		parts = append(parts, imagesPart{strict.At(file, above), part})
		above += bytes.Count(part, []byte("\n"))
		rest = rest[len(part):]
	}
	return head, parts
}

func endOfPart(data, dash []byte) int {
	end := 0
	for range imagesPerPart {
		next := bytes.Index(data[end:], dash)
		if next < 0 {
			return len(data)
		}
		end += next + 1
	}
	return end
}

// checkImagesHead reads the head strictly, with an empty list for the entries.
func checkImagesHead(file string, head []byte, entries bool) error {
	if len(head) > strict.MaxBytes {
		return fault.Errorf(fault.Usage, "%s: no image in the first %d bytes, want `images:` and each image on lines of its own", file, strict.MaxBytes)
	}
	if entries {
		head = slices.Concat(head, []byte(" []\n"))
	}
	var fields struct {
		Version int        `yaml:"version"`
		Images  []struct{} `yaml:"images"`
	}
	if err := strict.Decode(file, head, &fields); err != nil {
		return err
	}
	if fields.Version != 1 {
		return fault.Errorf(fault.Usage, "%s: version is %d, want 1", file, fields.Version)
	}
	return nil
}

// images decodes the entries; first is the number of the first one.
func (p imagesPart) images(first int) ([]Image, error) {
	root, err := strict.Parse(p.Source, p.data)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.SequenceNode {
		return nil, p.Problem(1, fault.Usage, "images", "is not a list with each image on lines of its own")
	}
	d := strict.Decoder{Source: p.Source}
	images := make([]Image, len(root.Content))
	for i, n := range root.Content {
		field := fmt.Sprintf("images[%d]", first+i)
		d.Value(n, field, reflect.ValueOf(&images[i]).Elem())
		if len(d.Problems) > 0 {
			break
		}
		if err := roles.CheckImagePath(images[i].Path); err != nil {
			d.Fail(n, field+".path", "is %q: %w", images[i].Path, err)
		}
		if images[i].Length < 0 {
			d.Fail(n, field+".length", "is %d, want at least 0", images[i].Length)
		}
	}
	return images, strict.Join(d.Problems)
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

// Write writes images.yaml as ParseImages reads it: same images, same bytes.
func (l *List) Write(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# What a targets role lists. Written by `keyrite hash`; `custom` is yours to edit.\nversion: 1\nimages:")
	if len(l.Images) == 0 {
		b.WriteString(" []")
	}
	b.WriteByte('\n')
	for _, i := range l.Images {
		// A path has neither a backslash nor anything that does not print, so
		// %q spells it as YAML does.
		fmt.Fprintf(&b, "  - path: %q\n    length: %d\n    sha256: %x\n", i.Path, i.Length, i.SHA256[:])
		if i.SHA512 != nil {
			fmt.Fprintf(&b, "    sha512: %x\n", i.SHA512[:])
		}
		if i.Custom != nil {
			fmt.Fprintf(&b, "    custom: %s\n", i.Custom)
		}
		if _, err := b.WriteTo(w); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
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

// Roles is the image as metadata lists it.
func (i Image) Roles() roles.Image {
	hashes := roles.Hashes{SHA256: (*[sha256.Size]byte)(&i.SHA256), SHA512: (*[sha512.Size]byte)(i.SHA512)}
	return roles.Image{Path: i.Path, Length: i.Length, Hashes: hashes, Custom: i.Custom}
}

type (
	sha256Hex [sha256.Size]byte
	Sha512Hex [sha512.Size]byte
)

func (h *sha256Hex) UnmarshalText(text []byte) error { return unhex(h[:], text) }

func (h *Sha512Hex) UnmarshalText(text []byte) error { return unhex(h[:], text) }

// unhex reads exactly len(to) bytes in the one spelling that clients compare.
func unhex(to, text []byte) error {
	if len(text) != hex.EncodedLen(len(to)) || bytes.ContainsAny(text, "ABCDEF") {
		return fmt.Errorf("want %d lower-case hexadecimal digits", hex.EncodedLen(len(to)))
	}
	_, err := hex.Decode(to, text)
	return err
}
