package roles

import (
	"fmt"
	"io/fs"
	"maps"
	"time"
)

// Vehicle is an ECU that will look at what is foreseen: a [Client] that remembers the
// newest root and every file that it verified, from one visit to the next. It is no
// Client and there is no way to one: what counts for it counts nowhere else.
type Vehicle struct {
	Director bool // see [Client]
	Partial  bool

	root *File
	seen map[string]*File // by role, root left out
	last *Client
}

// NewVehicle is a vehicle that trusts a root and remembers nothing else, as from the
// factory.
func NewVehicle(root *Foreseen) *Vehicle {
	return &Vehicle{root: root.file, seen: map[string]*File{}}
}

// Remember lets a vehicle have verified the file of a role before.
func (v *Vehicle) Remember(role string, f *Foreseen) { v.seen[role] = f.file }

// Clone is a vehicle of the same state.
func (v *Vehicle) Clone() *Vehicle {
	clone := *v
	clone.seen = maps.Clone(v.seen)
	return &clone
}

// Root is the version of the root that it trusts; Version is that of the file of
// another role that it remembers, 0 for none.
func (v *Vehicle) Root() int64 { return HeadOf(v.root.Body).Version }

// Version is that of the file of a role that it remembers, 0 for none.
func (v *Vehicle) Version(role string) int64 {
	if file := v.seen[role]; file != nil {
		return HeadOf(file.Body).Version
	}
	return 0
}

// Visit has a vehicle look at what a repository serves at a time. What it verified
// before an error it keeps.
func (v *Vehicle) Visit(served Served, now time.Time) error {
	c, err := clientOf(v.root, foreseen{served}, now)
	if err != nil {
		return err
	}
	c.Director, c.Partial, c.Tolerant, c.seen, c.Newest = v.Director, v.Partial, true, v.seen, served.Newest
	err = c.Refresh()
	v.root, v.last = c.files["root"], c
	return err
}

// Delegated has a vehicle that just visited read the files of all delegated roles, and
// says which of them it cannot use. What it verified it keeps.
func (v *Vehicle) Delegated() (lost []Lost, err error) {
	if v.Partial || v.last.withheld(TypeTargets) {
		return nil, nil
	}
	if _, err := v.last.loadAll(); err != nil {
		return nil, err
	}
	for _, l := range v.last.losses.list {
		lost = append(lost, *l)
	}
	return lost, nil
}

// Compare has a vehicle that visited both repositories hold the images that the
// Director assigns against the Image repository. See [CompareDirector].
func (v *Vehicle) Compare(image *Vehicle) error { return CompareDirector(v.last, image.last) }

// Served are the files that a repository serves, by their names.
type Served map[string]*Foreseen

// Newest is the version of the newest file of a role, as its name is numbered.
func (s Served) Newest(role string) (version int64) {
	for _, f := range s {
		if name := f.file.Format.MetadataPath(role, f.Head().Version); s[name] == f {
			version = max(version, f.Head().Version)
		}
	}
	return version
}

// foreseen is what a Vehicle reads: as no Client can be had of a Served, so nothing
// else can.
type foreseen struct{ Served }

func (s foreseen) Get(name string, limit int64) ([]byte, error) {
	f := s.Served[name]
	if f == nil {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	if int64(f.bytes) > limit {
		return nil, fmt.Errorf("%s has %d bytes, want at most %d", name, f.bytes, limit)
	}
	return f.file.Raw, nil
}

func (s foreseen) File(name string) *File {
	if f := s.Served[name]; f != nil {
		return f.file
	}
	return nil
}
