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
	role   string
	order  int // of the role in a search
	facts  roles.Facts
	broken bool    // the custom data is not as Uptane has it
	before *listed // the image of that path that is signed now, whoever signed it
}

// imageTable is all images of Next and of Previous, by path; of several with
// one path, the one that a search finds stands first.
type imageTable struct {
	next, previous []*listed
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
		order := math.MaxInt
		if trusted := sh.role(role); trusted != nil {
			order = trusted.order
		} else if set == sh.subject.Next && role != "targets" {
			continue // no role trusts it, so that no client reads it
		}
		block := make([]listed, len(t.Images))
		for i := range t.Images {
			block[i] = listed{Image: &t.Images[i], role: role, order: order}
			all = append(all, &block[i])
		}
	}
	slices.SortFunc(all, func(a, b *listed) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.order, b.order))
	})
	return all
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

// readFacts reads the custom data of every image, on all processors. Of images
// that did not change it is read once.
func (t *imageTable) readFacts() {
	parallel(t.previous, (*listed).read)
	parallel(t.next, func(image *listed) {
		if b := image.before; b != nil && bytes.Equal(b.Custom, image.Custom) {
			image.facts, image.broken = b.facts, b.broken
			return
		}
		image.read()
	})
}

func (l *listed) read() {
	facts, err := l.Facts()
	l.facts, l.broken = facts, err != nil
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
