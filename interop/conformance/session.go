package main

import (
	"errors"
	"io/fs"
	"net/url"
	"os"

	"github.com/uptane/keyrite/roles"
)

// session is one call of the program.
type session struct {
	metadata  folder
	server    site
	wanted    []string // paths in the targets metadata
	images    site
	downloads folder
}

// init keeps a root to trust. Nothing is asked of the repository.
func (s *session) init(root string) error {
	data, err := os.ReadFile(root)
	if err != nil {
		return err
	}
	now, err := clock()
	if err != nil {
		return err
	}
	if _, err := roles.NewClient(data, s.server, now); err != nil {
		return err
	}
	return s.metadata.Save("root.json", data)
}

// refresh updates the top-level metadata.
func (s *session) refresh() (*roles.Client, error) {
	root, err := s.metadata.Load("root.json")
	if err != nil {
		return nil, err
	}
	now, err := clock()
	if err != nil {
		return nil, err
	}
	client, err := roles.NewClient(root, s.server, now)
	if err != nil {
		return nil, err
	}
	client.State, client.Reuse = s.metadata, true
	return client, client.Refresh()
}

// download gets the wanted images.
func (s *session) download() error {
	client, err := s.refresh()
	if err != nil {
		return err
	}
	for _, path := range s.wanted {
		if err := s.fetch(client, path); err != nil {
			return err
		}
	}
	return nil
}

// fetch gets one image, unless the right one is there already.
func (s *session) fetch(client *roles.Client, path string) error {
	image, _, err := client.Find(path)
	if err != nil {
		return err
	}
	name := url.PathEscape(image.Path)
	have, err := s.downloads.Load(name)
	if err == nil && check(image, have) == nil {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	data, err := s.images.Get(published(client, image), image.Length)
	if err != nil {
		return err
	}
	if err := check(image, data); err != nil {
		return err
	}
	return s.downloads.Save(name, data)
}

// published is where the repository keeps an image (TUF 1.0.34 §5.7.3).
func published(client *roles.Client, image *roles.Image) string {
	path := client.Root().ImagePaths(client.Format(), *image)[0]
	return (&url.URL{Path: path}).EscapedPath()
}

func check(image *roles.Image, content []byte) error {
	return roles.CheckImage(image, roles.HashesOf(content), int64(len(content)))
}
