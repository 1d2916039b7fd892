package ceremony

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/roles"
)

// BundleRequest says what to pack.
type BundleRequest struct {
	Repository string
	Out        string // the bundle; it must not exist
	Images     string // folder of the images, under their paths; empty: metadata only
	Now        time.Time
}

// MadeBundle is a bundle that was written.
type MadeBundle struct {
	Files  int
	Bytes  int64
	SHA256 string
}

// MakeBundle verifies a repository of the workspace and packs it in the layout
// of its format. The same input makes the same bytes.
func MakeBundle(ws *Workspace, r BundleRequest) (*MadeBundle, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(r.Repository)
	if err != nil {
		return nil, err
	}
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return nil, err
	}
	state, err := loadState(ws, repo.Name, format)
	if err != nil {
		return nil, err
	}
	if state.root() == nil {
		return nil, Errorf(Incomplete, "%s: nothing is signed yet", repo.Name).Hint("make a plan: keyrite plan %s", repo.Name)
	}
	if _, err := verifyState(ws, state, state.complete(), r.Now); err != nil {
		return nil, err
	}
	files := publishedFiles(state)
	if r.Images != "" {
		folder, err := OpenFolder(r.Images)
		if err != nil {
			return nil, err
		}
		defer folder.Close()
		files = append(files, publishedImages(state, folder)...)
	}
	slices.SortFunc(files, func(a, b BundleFile) int { return strings.Compare(a.Path, b.Path) })
	return writeBundle(r.Out, repo, files)
}

func writeBundle(out string, repo *Repository, files []BundleFile) (*MadeBundle, error) {
	sum, count := sha256.New(), new(counter)
	err := CreateFile(out, func(w io.Writer) error {
		return WriteBundle(io.MultiWriter(w, sum, count), repo.Name, repo.Format, files)
	})
	if err != nil {
		return nil, err
	}
	return &MadeBundle{Files: len(files), Bytes: int64(*count), SHA256: fmt.Sprintf("%x", sum.Sum(nil))}, nil
}

// counter counts what is written to it, in bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// publishedFiles are the metadata files to publish: every root, since vehicles
// walk the whole chain (TUF 1.0.34 §6.2.1), and the newest of each other role.
func publishedFiles(s *signedState) []BundleFile {
	var files []BundleFile
	add := func(name string, data []byte) {
		files = append(files, BundleFile{
			Path: path.Join("metadata", name), Length: int64(len(data)), SHA256: sha256.Sum256(data),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		})
	}
	for i, root := range s.roots {
		add(s.format.MetadataPath("root", int64(i+1)), root.Raw)
	}
	for role, file := range s.files {
		add(strings.TrimPrefix(s.paths[role], s.dir+"/"), file.Raw)
	}
	if name := s.format.NewestRootPath(); name != "" {
		add(name, s.root().Raw)
	}
	return files
}

// publishedImages are the images of all targets roles under their published names.
func publishedImages(s *signedState, folder *Folder) []BundleFile {
	var files []BundleFile
	seen := map[string]bool{}
	for role := range s.files {
		t := s.targets(role)
		if t == nil {
			continue
		}
		for _, image := range t.Images {
			first := ""
			for _, name := range s.format.ImagePaths(image) {
				name = path.Join("targets", name)
				if seen[name] {
					continue
				}
				seen[name] = true
				files = append(files, BundleFile{
					Path: name, Length: image.Length, SHA256: *image.Hashes.SHA256, SameAs: first,
					Open: func() (io.ReadCloser, error) { return folder.Open(image.Path) },
				})
				if first == "" {
					first = name
				}
			}
		}
	}
	return files
}
