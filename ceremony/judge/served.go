package judge

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// served is a published repository in a folder.
type served struct {
	dir      string
	metadata map[string]string // names of the newest files below metadata/, by role
	images   []string          // paths of images that are there
	stored   map[string][]string
}

// maxImages is how many images a client is asked for.
const maxImages = 10

// look finds out what there is to ask for, and to bend.
func look(file, dir string) (*served, error) {
	b, err := bundle.Open(file)
	if err != nil {
		return nil, err
	}
	format, err := roles.FormatByName(b.Format())
	if err != nil {
		return nil, err
	}
	names, err := b.MetadataNames()
	if err != nil {
		return nil, err
	}
	s := &served{dir: dir, metadata: signed.Newest(format, names), stored: map[string][]string{}}
	if s.metadata["timestamp"] == "" {
		return nil, fault.Errorf(fault.Incomplete, "%s: a server signs the last roles, and a client wants all of it", file).
			Hint("let the client judge what the server serves then")
	}
	for role, name := range s.metadata {
		if signed.RoleType(role) != roles.TypeTargets {
			continue
		}
		data, err := b.Get(name, disk.MaxInput)
		if err != nil {
			return nil, err
		}
		parsed, err := roles.Read(format, roles.TypeTargets, data)
		if err != nil {
			return nil, err
		}
		s.add(format, parsed.Body.(*roles.Targets))
	}
	slices.Sort(s.images)
	s.images = s.images[:min(maxImages, len(s.images))]
	return s, nil
}

// add takes up the images of one file that the bundle holds.
func (s *served) add(format roles.Format, targets *roles.Targets) {
	for _, image := range targets.Images {
		var there []string
		for _, name := range append(format.ImagePaths(image), image.Path) {
			name = path.Join("targets", name)
			if _, err := os.Stat(filepath.Join(s.dir, name)); err == nil && !slices.Contains(there, name) {
				there = append(there, name)
			}
		}
		if there != nil && s.stored[image.Path] == nil && image.Length > 0 {
			s.images, s.stored[image.Path] = append(s.images, image.Path), there
		}
	}
}

// bent is one thing that is otherwise than it was signed.
type bent struct {
	what  string
	files map[string]func([]byte) []byte // how, by path below the folder
}

// bends are a broken signature of each role that clients meet, and a changed image. Of a
// delegated role clients look only when they are asked for one of its images.
func (s *served) bends() (list []*bent) {
	for _, role := range []string{"timestamp", "snapshot", "targets"} {
		name := path.Join("metadata", s.metadata[role])
		list = append(list, &bent{"no valid signature of " + role, map[string]func([]byte) []byte{name: breakSignatures}})
	}
	for _, image := range s.images[:min(1, len(s.images))] {
		b := &bent{"another content of " + image, map[string]func([]byte) []byte{}}
		for _, name := range s.stored[image] {
			b.files[name] = flipLast
		}
		list = append(list, b)
	}
	return list
}

// breakSignatures changes the first digit of each signature, which stays a digit of its
// alphabet.
func breakSignatures(data []byte) []byte {
	const before = `"sig":"`
	data = bytes.Clone(data)
	for at := 0; ; {
		next := bytes.Index(data[at:], []byte(before))
		if next < 0 || at+next+len(before) >= len(data) {
			return data
		}
		at += next + len(before)
		if data[at] = 'a'; strings.HasPrefix(string(data[at+1:]), "a") {
			data[at+1] = 'b'
		} else {
			data[at+1] = 'a'
		}
	}
}

func flipLast(data []byte) []byte {
	data = bytes.Clone(data)
	data[len(data)-1] ^= 1
	return data
}
