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
	next, previous []*listed
	hardware       []string // all hardware ids, in the order of their first image
}

// images makes the table, once for all checks.
func (sh *shared) images() *imageTable {
	if sh.table == nil {
		sh.table = &imageTable{next: sh.list(sh.subject.Next), previous: sh.list(sh.subject.Previous)}
		sh.table.match()
		sh.table.readFacts()
	}
	return sh.table
}

// list collects the images of a set.
func (sh *shared) list(set *Set) []*listed {
	if set == nil {
		return nil
	}
	var all []*listed
	for _, role := range append([]string{"targets"}, slices.Sorted(maps.Keys(set.Delegated))...) {
		t, _ := set.body(role).(*roles.Targets)
		if t == nil {
			continue
		}
		trusted := sh.role(role)
		if trusted == nil && set == sh.subject.Next && role != "targets" {
			continue // no client reads the file
		}
		block := make([]listed, len(t.Images))
		all = slices.Grow(all, len(block))
		for i := range t.Images {
			block[i] = listed{Image: &t.Images[i], role: role, trusted: trusted}
			all = append(all, &block[i])
		}
	}
	slices.SortFunc(all, func(a, b *listed) int {
		if byPath := strings.Compare(a.Path, b.Path); byPath != 0 {
			return byPath
		}
		return cmp.Compare(a.order(), b.order())
	})
	return all
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
	for _, image := range t.next {
		for len(old) > 0 && old[0].Path < image.Path {
			old = old[1:]
		}
		if len(old) > 0 && old[0].Path == image.Path {
			image.before = old[0]
		}
	}
}

// readFacts looks at the path and the custom data of every image, on all
// processors. Custom data that did not change is read once.
func (t *imageTable) readFacts() {
	parallel(t.previous, (*listed).read)
	parallel(t.next, func(image *listed) {
		image.path = judgePath(image.Path)
		if b := image.before; b != nil && bytes.Equal(b.Custom, image.Custom) {
			image.facts, image.broken = b.facts, b.broken
			return
		}
		image.read()
	})
	t.numberHardware()
}

// numberHardware gives each hardware id a number, so that the checks need not
// look up text.
func (t *imageTable) numberHardware() {
	numbers := map[string]int{}
	var all []int // of all images, one after the other
	for _, image := range slices.Concat(t.previous, t.next) {
		if b := image.before; b != nil && b.facts == image.facts {
			image.hardware = b.hardware
			continue
		}
		start := len(all)
		for _, id := range image.facts.HardwareIDs {
			number, known := numbers[id]
			if !known {
				number = len(t.hardware)
				numbers[id] = number
				t.hardware = append(t.hardware, id)
			}
			all = append(all, number)
		}
		image.hardware = all[start:len(all):len(all)]
	}
}

func (l *listed) read() {
	facts, err := l.Facts()
	l.facts, l.broken = &facts, err != nil
}

func parallel(images []*listed, do func(*listed)) {
	var wait sync.WaitGroup
	for part := range slices.Chunk(images, len(images)/runtime.GOMAXPROCS(0)+1) {
		wait.Go(func() {
			for _, image := range part {
				do(image)
			}
		})
	}
	wait.Wait()
}
