package declare

import (
	"bytes"
	"errors"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/strict"
)

// WriteSchemas puts the schemas of the files that people write where their editors look
// for them, and returns the paths of those that were not there or were others. They help
// people to write; keyrite never reads them.
func WriteSchemas(f *disk.Folder) (written []string, err error) {
	for _, name := range schema.Written() {
		data, err := schema.Read(name)
		if err != nil {
			return written, err
		}
		path := schema.Dir + "/" + name + ".json"
		old, err := f.Read(path, strict.MaxBytes)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = f.Create(path, data)
		case err == nil && bytes.Equal(old, data):
			continue
		case err == nil:
			err = f.Rewrite(path, old, data)
		}
		if err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}
