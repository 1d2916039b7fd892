package roles

import "slices"

// fields remembers which members of an object were there.
type fields []string

func (f *fields) add(name string) { *f = append(*f, name) }

// need fails for the first of the names that was not there.
func (f fields) need(names ...string) error {
	for _, name := range names {
		if !slices.Contains(f, name) {
			return fieldf(name, "the field is missing")
		}
	}
	return nil
}
