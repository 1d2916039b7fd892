package images

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// fromClaims makes a list of what lists say. With Check the images are read, and must be
// as the lists say; without, the lists must say enough.
func (r HashRequest) fromClaims(ctx context.Context, progress Progress) (*List, error) {
	claims, err := ReadClaims(r.From)
	if err != nil {
		return nil, err
	}
	if r.Check != "" {
		return against(ctx, claims, r.Check, progress)
	}
	list := &List{Images: make([]Image, len(claims))}
	for i, c := range claims {
		if c.Length < 0 || c.SHA256 == nil {
			return nil, fault.Errorf(fault.Usage, "%s: %s has no %s", words.List(r.From), words.Printable(c.Path), c.lacks()).
				Hint("have the images read: keyrite hash %s --check DIR -o FILE", r.From[0])
		}
		list.Images[i] = Image{c.Path, c.Length, *c.SHA256, c.SHA512, c.Custom}
	}
	if err := roles.CheckClash(list.paths()); err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: paths %w", words.List(r.From), err)
	}
	return list, nil
}

func (c Claim) lacks() string {
	if c.Length < 0 {
		return "length"
	}
	return "SHA-256"
}

// against reads the images of a folder that are claimed, and refuses those that are not
// there or otherwise. They are always read.
func against(ctx context.Context, claims []Claim, dir string, progress Progress) (*List, error) {
	all, err := Find([]string{dir}, "")
	if err != nil {
		return nil, err
	}
	defer all.Close()
	var wrong problems
	claimed := &Files{places: map[string]place{}}
	for _, c := range claims {
		if at, there := all.places[c.Path]; there {
			claimed.places[c.Path] = at
		} else {
			wrong.add("%s is not there", words.Printable(c.Path))
		}
	}
	list, err := claimed.Hash(ctx, nil, progress)
	if err != nil {
		return nil, err
	}
	for i := range list.Images {
		at, _ := slices.BinarySearchFunc(claims, list.Images[i], func(c Claim, image Image) int { return strings.Compare(c.Path, image.Path) })
		if err := claims[at].match(list.Images[i]); err != nil {
			wrong.add("%s: %w", words.Printable(list.Images[i].Path), err)
		}
		list.Images[i].Custom = claims[at].Custom
	}
	return list, wrong.in(dir)
}

// match holds an image that was read against what is claimed of it.
func (c Claim) match(image Image) error {
	switch {
	case c.Length >= 0 && c.Length != image.Length:
		return fmt.Errorf("length is %d, want %d", image.Length, c.Length)
	case c.SHA256 != nil && *c.SHA256 != image.SHA256:
		return fmt.Errorf("sha256 is %x, want %x", image.SHA256, *c.SHA256)
	case c.SHA512 != nil && *c.SHA512 != *image.SHA512:
		return fmt.Errorf("sha512 is %x, want %x", *image.SHA512, *c.SHA512)
	case c.SHA256 == nil && c.SHA512 == nil:
		return fmt.Errorf("no hash is listed")
	}
	return nil
}

// problems are the first of what is wrong with many images, and how many there are.
type problems struct {
	first []error
	count int
}

const maxProblems = 10

func (p *problems) add(format string, args ...any) {
	if p.count++; p.count <= maxProblems {
		p.first = append(p.first, fmt.Errorf(format, args...))
	}
}

func (p *problems) in(dir string) error {
	if p.count == 0 {
		return nil
	}
	text := ""
	for _, err := range p.first {
		text += "\n" + err.Error()
	}
	if more := p.count - len(p.first); more > 0 {
		text += fmt.Sprintf("\nand %d more", more)
	}
	return fault.Errorf(fault.Unverified, "%s: %s not as listed:%s", dir, words.Count(p.count, "image"), text)
}
