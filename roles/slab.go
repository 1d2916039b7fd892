package roles

import "strings"

// A targets file has three small pieces for each image, two digests and a path.
// They are cut from larger ones: one allocation for hundreds of them.

// maxSlab bounds what one piece that is kept can keep of its neighbours.
const maxSlab = 256

// slab hands out values of one type.
type slab[T any] struct {
	free []T
	size int
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.size = min(max(4, 2*s.size), maxSlab)
		s.free = make([]T, s.size)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}

// textSlab hands out strings.
type textSlab struct {
	text strings.Builder
}

func (s *textSlab) copy(b []byte) string {
	if s.text.Cap()-s.text.Len() < len(b) {
		size := min(2*s.text.Cap(), 64*maxSlab)
		s.text = strings.Builder{}
		s.text.Grow(max(size, len(b)))
	}
	start := s.text.Len()
	s.text.Write(b)
	return s.text.String()[start:]
}
