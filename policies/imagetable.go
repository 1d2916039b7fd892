package policies

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/uptane/keyrite/roles"
)

// listed is one image that a targets role lists.
type listed struct {
	*roles.Image
	role     string
	trusted  *trusted // nil when Next does not trust the role
	facts    *roles.Facts
	hardware []int   // of the facts, as indexes of the table's hardware
	broken   bool    // the custom data is not as Uptane has it
	path     uint8   // what to think of the path
	before   *listed // the image of that path that is signed now, whoever signed it
}

// imageTable is all images of Next and of Previous, by path; of several with
// one path, the one that a search finds stands first.
type imageTable struct {
	next, previous []listed
	hardware       []string // all hardware ids, in the order of their first image
}

func (sh *shared) listImages() *imageTable {
	t := &imageTable{next: sh.list(sh.subject.Next), previous: sh.list(sh.subject.Previous)}
	t.match()
	t.readFacts()
	t.numberHardware()
	return t
}

// list collects the images of a set. Files have paths of their own as a rule, so
// that in the order of their first paths they make a sorted list.
func (sh *shared) list(set *Set) []listed {
	if set == nil {
		return nil
	}
	total, names := 0, []string{}
	for _, role := range append([]string{"targets"}, slices.Sorted(maps.Keys(set.Delegated))...) {
		untrusted := set == sh.subject.Next && role != "targets" && sh.role(role) == nil // no client reads it
		if images := set.images(role); len(images) > 0 && !untrusted {
			total, names = total+len(images), append(names, role)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(set.images(a)[0].Path, set.images(b)[0].Path) })
	all := make([]listed, 0, total)
	for _, role := range names {
		images, trusted := set.images(role), sh.role(role)
		for i := range images {
			all = append(all, listed{Image: &images[i], role: role, trusted: trusted})
		}
	}
	byPath := func(a, b listed) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return cmp.Compare(a.order(), b.order())
	}
	if !slices.IsSortedFunc(all, byPath) {
		slices.SortFunc(all, byPath)
	}
	return all
}

// images returns the images that a role lists, in the order of their paths.
func (s *Set) images(role string) []roles.Image {
	if t, ok := s.body(role).(*roles.Targets); ok {
		return t.Images
	}
	return nil
}

// order is when a search comes to the image's role.
func (l *listed) order() int {
	if l.trusted == nil {
		return math.MaxInt
	}
	return l.trusted.order
}

// match finds for each image the one of its path that is signed now.
func (t *imageTable) match() {
	old := t.previous
	for i := range t.next {
		image := &t.next[i]
		for len(old) > 0 && old[0].Path < image.Path {
			old = old[1:]
		}
		if len(old) > 0 && old[0].Path == image.Path {
			image.before = &old[0]
		}
	}
}

// readFacts looks at the path and the custom data of every image, on all
// processors. Custom data that did not change, or is that of the image above, is read once.
func (t *imageTable) readFacts() {
	parallel(t.previous, func(image, above *listed) { image.read(above) })
	parallel(t.next, func(image, above *listed) {
		image.path = judgePath(image.Path)
		image.read(image.before, above)
	})
}

// read takes the facts of another image that has the same custom data, or reads them.
func (l *listed) read(others ...*listed) {
	for _, o := range others {
		if o != nil && bytes.Equal(o.Custom, l.Custom) {
			l.facts, l.broken = o.facts, o.broken
			return
		}
	}
	facts, err := l.Facts()
	l.facts, l.broken = &facts, err != nil
}

func parallel(images []listed, do func(image, above *listed)) {
	var wait sync.WaitGroup
	for part := range slices.Chunk(images, len(images)/runtime.GOMAXPROCS(0)+1) {
		wait.Go(func() {
			var above *listed
			for i := range part {
				do(&part[i], above)
				above = &part[i]
			}
		})
	}
	wait.Wait()
}

// numberHardware gives each hardware id a number, so that the checks need not
// look up text.
func (t *imageTable) numberHardware() {
	numbers, above := map[string]int{}, &listed{}
	var all []int // of all images, one after the other
	number := func(image *listed) {
		start := len(all)
		for _, id := range image.facts.HardwareIDs {
			n, known := numbers[id]
			if !known {
				n = len(t.hardware)
				numbers[id] = n
				t.hardware = append(t.hardware, id)
			}
			all = append(all, n)
		}
		image.hardware = all[start:len(all):len(all)]
	}
	for _, images := range [][]listed{t.previous, t.next} {
		for i := range images {
			switch image := &images[i]; {
			case image.facts == above.facts:
				image.hardware = above.hardware
			case image.before != nil && image.before.facts == image.facts:
				image.hardware = image.before.hardware
			default:
				number(image)
			}
			above = &images[i]
		}
	}
}
