package roles

// fields remembers which members of an object were there: of those that keyrite knows,
// and no object has as many of them as there is room. One may be added again: that a
// name is given twice is seen only where the object ends.
type fields struct {
	names [16]string
	count int
}

func (f *fields) add(name string) {
	if !f.has(name) {
		f.names[f.count] = name
		f.count++
	}
}

func (f *fields) has(name string) bool {
	for i := range f.count {
		if f.names[i] == name {
			return true
		}
	}
	return false
}

// need fails for the first of the names that was not there.
func (f *fields) need(names ...string) error {
	for _, name := range names {
		if !f.has(name) {
			return fieldf(name, "the field is missing")
		}
	}
	return nil
}
