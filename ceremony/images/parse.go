package images

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/uptane/keyrite/ceremony/cores"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/roles"
	"gopkg.in/yaml.v3"
)

// MaxImagesYAML is the largest images.yaml, in bytes: a million images.
const MaxImagesYAML = 512 << 20

const (
	maxHead  = strict.MaxBytes // of what is above the first entry, in bytes
	maxEntry = strict.MaxBytes // of one entry, in bytes
)

// Parse reads images.yaml. What is wrong with it is reported as
// `FILE:LINE: images[N].FIELD what`, with code Usage.
func Parse(file string, data []byte) (*List, error) {
	if len(data) > MaxImagesYAML {
		return nil, fault.Errorf(fault.Usage, "%s is %d bytes, want at most %d", file, len(data), MaxImagesYAML)
	}
	head, parts, err := splitImages(file, data)
	if err != nil {
		return nil, err
	}
	if err := checkImagesHead(file, head, len(parts) > 0); err != nil {
		return nil, err
	}
	images, err := readParts(parts)
	if err != nil {
		return nil, err
	}
	if twice, ok := images.Sort(); ok {
		return nil, fault.Errorf(fault.Usage, "%s: path %q is there twice", file, twice)
	}
	if err := roles.CheckClash(images.paths()); err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: paths %w", file, err)
	}
	return images, nil
}

// readParts reads all parts on all cores.
func readParts(parts []imagesPart) (*List, error) {
	found := make([][]Image, len(parts))
	err := cores.Each(len(parts), func() func(int) error {
		return func(i int) (err error) {
			found[i], err = parts[i].images()
			return err
		}
	})
	return &List{Images: slices.Concat(found...)}, err
}

// imagesPart is a run of whole entries of images.yaml.
type imagesPart struct {
	file   string
	before []byte // all that is above it
	dash   []byte // a line break and how every entry begins
	data   []byte
}

// partBytes is about how much one worker reads at a time.
const partBytes = 256 << 10

var firstEntry = regexp.MustCompile(`(?m)^ *- `)

// splitImages cuts a file into what is above the first entry, and parts. An
// entry begins on each line that has the `- ` of the first one. Where such a
// line is the inside of a text, neither side of the cut is YAML.
func splitImages(file string, data []byte) (head []byte, parts []imagesPart, err error) {
	first := firstEntry.FindIndex(data[:min(len(data), maxHead)])
	switch {
	case first == nil && len(data) > maxHead:
		return nil, nil, fault.Errorf(fault.Usage, "%s: no image in the first %d bytes, want `images:` and each image on lines of its own", file, maxHead)
	case first == nil:
		return data, nil, nil
	}
	dash := slices.Concat([]byte("\n"), data[first[0]:first[1]])
	for start := first[0]; start < len(data); {
		end := start + endOfPart(data[start:], dash)
		part := imagesPart{file, data[:start], dash, data[start:end]}
		if err := part.checkSize(); err != nil {
			return nil, nil, err
		}
		parts = append(parts, part)
		start = end
	}
	return data[:first[0]], parts, nil
}

func endOfPart(data, dash []byte) int {
	if len(data) > partBytes {
		if next := bytes.Index(data[partBytes:], dash); next >= 0 {
			return partBytes + next + 1
		}
	}
	return len(data)
}

// checkSize refuses an entry, which only the last of a part can be, that is
// larger than any that is meant.
func (p imagesPart) checkSize() error {
	if len(p.data) <= maxEntry {
		return nil
	}
	last := bytes.LastIndex(p.data, p.dash) + 1
	if size := len(p.data) - last; size > maxEntry {
		source := strict.At(p.file, bytes.Count(p.before, newline)+bytes.Count(p.data[:last], newline))
		field := fmt.Sprintf("images[%d]", p.first()+bytes.Count(p.data[:last], p.dash[1:]))
		return source.Problem(1, fault.Usage, field, "is %d bytes, want at most %d", size, maxEntry)
	}
	return nil
}

var newline = []byte("\n")

// first is the number of the first entry.
func (p imagesPart) first() int { return bytes.Count(p.before, p.dash) }

// checkImagesHead reads the head strictly, with an empty list for the entries.
func checkImagesHead(file string, head []byte, entries bool) error {
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

// images reads the entries: those that are spelled as Write spells them at
// once, all others as YAML.
func (p imagesPart) images() ([]Image, error) {
	if images, ok := readWritten(p.data); ok {
		return images, nil
	}
	return p.decode()
}

// decode reads the entries as YAML, strictly.
func (p imagesPart) decode() ([]Image, error) {
	source := strict.At(p.file, bytes.Count(p.before, newline))
	if err := source.CheckText(p.data); err != nil {
		return nil, err
	}
	root, err := strict.Parse(source, p.data)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.SequenceNode {
		return nil, source.Problem(1, fault.Usage, "images", "is not a list with each image on lines of its own")
	}
	d, first := strict.Decoder{Source: source}, p.first()
	images := make([]Image, len(root.Content))
	for i, n := range root.Content {
		decodeImage(&d, n, fmt.Sprintf("images[%d]", first+i), &images[i])
		if len(d.Problems) > 0 {
			break
		}
	}
	return images, strict.Join(d.Problems)
}

func decodeImage(d *strict.Decoder, n *yaml.Node, field string, into *Image) {
	d.Value(n, field, reflect.ValueOf(into).Elem())
	if len(d.Problems) > 0 {
		return
	}
	if err := roles.CheckImagePath(into.Path); err != nil {
		d.Fail(n, field+".path", "is %q: %w", into.Path, err)
	}
	if into.Length < 0 {
		d.Fail(n, field+".length", "is %d, want at least 0", into.Length)
	}
}
