// Command keyrite judges a repository with keyrite's own client, package roles.
//
// Usage: keyrite ROOT BASE STATE TARGET…, see ../README.md. BASE is a folder.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/uptane/keyrite/roles"
)

func main() {
	if err := judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Println("REJECT:", err)
		return
	}
	fmt.Println("ACCEPT")
}

func judge(root, base, state string, targets []string) error {
	trusted, err := os.ReadFile(root)
	if err != nil {
		return err
	}
	client, err := roles.NewClient(trusted, folder(filepath.Join(base, "metadata")), time.Now())
	if err != nil {
		return err
	}
	client.State = folder(state)
	if err := client.Refresh(); err != nil {
		return err
	}
	for _, path := range targets {
		image, _, err := client.Find(path)
		if err != nil {
			return err
		}
		for _, copied := range client.Root().ImagePaths(client.Format(), *image) {
			if err := check(image, filepath.Join(base, "targets", copied)); err != nil {
				return err
			}
		}
	}
	return nil
}

func check(image *roles.Image, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return roles.CheckImage(image, roles.HashesOf(content), int64(len(content)))
}

// folder is a metadata folder, and what the client remembers.
type folder string

func (f folder) Get(name string, limit int64) ([]byte, error) {
	file, err := os.OpenInRoot(string(f), name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit+1))
}

func (f folder) Load(name string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), name)) }

func (f folder) Save(name string, data []byte) error {
	return os.WriteFile(filepath.Join(string(f), name), data, 0o600)
}
