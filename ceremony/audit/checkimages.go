package audit

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/roles"
)

// imageStore is where images lie.
type imageStore interface {
	// check compares the images that are there, under each of their names, with
	// what is listed, and returns how many are, after an error 0. Those that are not
	// there are not judged.
	check(names imageNames, listed []roles.Listed) (int, error)
}

// imageNames are the names under which a repository may have an image, each once.
type imageNames func(roles.Image) []string

// namesOf are those of the repository that a client verified. Without consistent
// snapshots clients want the plain one; the others are copies.
func namesOf(client *roles.Client) imageNames {
	f, root := client.Format(), client.Root()
	return func(image roles.Image) []string {
		names := root.ImagePaths(f, image)
		for _, name := range f.ImagePaths(image) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return names
	}
}

// noImages is where no images lie.
type noImages struct{}

func (noImages) check(imageNames, []roles.Listed) (int, error) { return 0, nil }

// checkImage compares a content with what is listed.
func checkImage(name string, image *roles.Image, digests roles.Hashes, length int64) error {
	if err := roles.CheckImage(image, digests, length); err != nil {
		return fmt.Errorf("image %s: %w", name, err)
	}
	return nil
}

// bundleImages are the images of a bundle, whose digests were taken when it was
// opened.
type bundleImages struct{ *bundle.Images }

func (b bundleImages) check(names imageNames, listed []roles.Listed) (count int, err error) {
	for _, l := range listed {
		found := 0
		for _, name := range names(*l.Image) {
			digests, length, there := b.Digests(name)
			if !there {
				continue
			}
			if err := checkImage(name, l.Image, digests, length); err != nil {
				return 0, err
			}
			found = 1
		}
		count += found
	}
	return count, nil
}
