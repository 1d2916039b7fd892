package roles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// folder is a Source of several directories; a file in a later one covers the
// same in an earlier one. It also writes down what it was asked for.
type folder struct {
	dirs  []string
	asked []string
}

func (f *folder) Get(name string, limit int64) ([]byte, error) {
	f.asked = append(f.asked, name)
	for i := len(f.dirs) - 1; i >= 0; i-- {
		data, err := os.ReadFile(filepath.Join(f.dirs[i], name))
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	return nil, fs.ErrNotExist
}

// memory is a State.
type memory map[string][]byte

func (m memory) Load(name string) ([]byte, error) {
	data, ok := m[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

func (m memory) Save(name string, data []byte) error {
	m[name] = data
	return nil
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newClient(t testing.TB, root string, dirs ...string) *Client {
	t.Helper()
	c, err := NewClient(readVector(t, root), &folder{dirs: dirs}, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVerifyTUF verifies complete repositories that python-tuf made.
func TestVerifyTUF(t *testing.T) {
	for _, name := range []string{"ok-ed25519", "ok-ecdsa", "ok-rsa", "ok-mixed"} {
		c := newClient(t, "tuf/"+name+"/root.json", vectors+"tuf/"+name+"/metadata")
		if err := c.Refresh(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all, err := c.All()
		if err != nil || len(all) != 3 {
			t.Fatalf("%s: %d images, %v; want 3", name, len(all), err)
		}
		if len(c.Report().Notes) != 0 || len(c.Report().Files) != 7 {
			t.Errorf("%s: unexpected report:\n%s", name, c.Report())
		}
		for _, listed := range all {
			for _, path := range TUF.ImagePaths(*listed.Image) {
				data, err := os.ReadFile(vectors + "tuf/" + name + "/targets/" + path)
				if errors.Is(err, fs.ErrNotExist) {
					continue // the vectors keep images under one of their hashes
				}
				if err := CheckImage(listed.Image, HashesOf(data), int64(len(data))); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if err := CheckImage(listed.Image, HashesOf(append(data, 0)), int64(len(data))); err == nil {
					t.Errorf("%s: a changed image is taken", name)
				}
			}
		}
	}
}
