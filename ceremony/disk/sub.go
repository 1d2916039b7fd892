package disk

import "io"

// Sub opens a folder below this one, for who looks at many files in it: each is
// found at once then, not from the top. Nothing reaches out of it.
func (f *Folder) Sub(dir string) (*Folder, error) {
	root, err := f.root.OpenRoot(dir)
	if err != nil {
		return nil, PathError(dir, err)
	}
	sub := *f
	sub.root = root
	return &sub, nil
}

// Names returns the names of all that is in the folder itself, in no order, with
// incomplete files. What they are is not looked at.
func (f *Folder) Names() ([]string, error) {
	file, err := f.root.Open(".")
	if err != nil {
		return nil, PathError(".", err)
	}
	defer file.Close()
	names, err := file.Readdirnames(-1)
	if err != nil && err != io.EOF {
		return nil, PathError(".", err)
	}
	return names, nil
}
