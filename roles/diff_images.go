package roles

import (
	"fmt"
	"slices"
	"strings"
)

func (d *differ) targets(old, new *Targets) {
	d.head(&old.Head, &new.Head)
	if old.Delegations != nil || new.Delegations != nil {
		d.delegations(orEmpty(old.Delegations), orEmpty(new.Delegations))
	}
	byPath := func(a, b Image) int { return strings.Compare(a.Path, b.Path) }
	merge(old.Images, new.Images, byPath, d.image)
}

// image compares one image, nil where it is not listed.
func (d *differ) image(old, new *Image) {
	switch {
	case old == nil:
		d.add("image", new.Path, "", new.words())
	case new == nil:
		d.add("image", old.Path, old.words(), "")
	default:
		if old.Length != new.Length {
			d.number("image length of", new.Path, old.Length, new.Length)
		}
		if !old.Hashes.equal(new.Hashes) {
			d.add("image hashes of", new.Path, strings.Join(old.Hashes.words(), ", "), strings.Join(new.Hashes.words(), ", "))
		}
		if !sameJSON(old.Custom, new.Custom) {
			d.add("image custom of", new.Path, string(old.Custom), string(new.Custom))
		}
		if len(old.Extra)+len(new.Extra) > 0 {
			d.members(new.Path+".", old.Extra, new.Extra)
		}
	}
}

func (i *Image) words() string {
	words := append([]string{fmt.Sprintf("%d bytes", i.Length)}, i.Hashes.words()...)
	if i.Custom != nil {
		words = append(words, "custom "+string(i.Custom))
	}
	return strings.Join(words, ", ")
}

// equal says whether two sets of digests are the same.
func (h Hashes) equal(other Hashes) bool {
	return equal(h.SHA256, other.SHA256) && equal(h.SHA512, other.SHA512) && slices.EqualFunc(h.Other, other.Other, func(a, b Member) bool {
		return a.Name == b.Name && sameJSON(a.Raw, b.Raw)
	})
}

// equal compares what two pointers point to; nil equals nil.
func equal[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}
