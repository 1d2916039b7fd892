package carry

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/evidence"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// BundleRequest says what to pack.
type BundleRequest struct {
	Repository string
	Out        string // the bundle; it must not exist
	Images     string // folder of the images, under their paths; empty: none
	Some       Images // of the images, those that are here; nil: none
	NoEvidence bool   // leave out what proves how the metadata came about
	// Despite are delegated roles whose files may be missing, expired or broken: the
	// bundle goes without what no client can use.
	Despite []string
	Now     time.Time
}

// Images are some images of a repository, by their paths in it.
type Images interface {
	Has(path string) bool
	Open(path string) (io.ReadCloser, error)
}

// folder has every image that a repository lists.
type folder struct{ *disk.Folder }

func (folder) Has(string) bool { return true }

func (f folder) Open(path string) (io.ReadCloser, error) { return f.Folder.Open(path) }

// Made is a bundle that was written.
type Made struct {
	File   string            `json:"file"`
	Files  int               `json:"files"` // in it
	Bytes  int64             `json:"bytes"`
	SHA256 string            `json:"sha256"`
	Server []roles.Due       `json:"server,omitempty"` // what a server has to sign before publishing
	Report *roles.Report     `json:"report"`
	Passed map[string]string `json:"passed-over,omitempty"` // why suppliers' newer files are of no use, by role: the published ones are packed

	Ceremonies []*record.Chain `json:"ceremonies,omitempty"` // whose evidence is in it
}

// Bundle verifies a repository of the workspace, as far as it is signed here, and
// packs that in the layout of its format. The same input makes the same bytes.
func Bundle(ws *workspace.Workspace, r BundleRequest) (*Made, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(r.Repository)
	if err != nil {
		return nil, err
	}
	lock, err := ws.Lock(repo.Name)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := published(ws, repo)
	if err != nil {
		return nil, err
	}
	report, err := r.verify(ws, state, repo.Name)
	if err != nil {
		return nil, err
	}
	return r.pack(ws, repo, state, report)
}

// published is what a repository's vehicles would get: what is signed here, with the
// suppliers' files that snapshot states.
func published(ws *workspace.Workspace, repo *workspace.Repository) (*signed.State, error) {
	state, err := signed.Of(ws, repo)
	if err != nil {
		return nil, err
	}
	if r := state.Rehearsal; r != nil {
		return nil, fault.Errorf(fault.Refused, "%s is of a rehearsal of %s: nothing of it is carried out", repo.Name, r.Of)
	}
	if state.Root() == nil {
		return nil, fault.Errorf(fault.Incomplete, "%s: nothing is signed yet", repo.Name).Hint("make a plan: keyrite plan %s", repo.Name)
	}
	held, err := ws.Held()
	if err != nil {
		return nil, err
	}
	state.Server = repo.Server(held)
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	state.AsPublished(repo.Others(site.Holds))
	return state, nil
}

// verify refuses what vehicles would refuse, and what is missing though it is signed here.
func (r *BundleRequest) verify(ws *workspace.Workspace, state *signed.State, repository string) (*roles.Report, error) {
	if err := r.unlost(state); err != nil {
		return nil, err
	}
	if role, why := state.Missing(state.Server, r.despite); role != "" {
		return nil, fault.Errorf(fault.Incomplete, "%s: %s %s", repository, role, why).Hint("make a plan: keyrite plan %s", repository)
	}
	report, err := state.VerifyAsClient(state.Server, anybody, workspace.KeyNames(ws.Dir), r.Now)
	if err != nil {
		return nil, err
	}
	for _, lost := range report.Lost {
		if !r.despite(lost.Role) && !r.despite(lost.Delegator) {
			return nil, r.lost(supplierOf(lost), signed.Unverified(state.Dir, lost.Problem))
		}
	}
	return report, nil
}

// pack writes metadata, evidence and images.
func (r *BundleRequest) pack(ws *workspace.Workspace, repo *workspace.Repository, state *signed.State, report *roles.Report) (*Made, error) {
	files, chains := publishedFiles(state), []*record.Chain(nil)
	if !r.NoEvidence {
		proof, held, err := evidence.Gather(ws, repo.Name, state)
		if err != nil {
			return nil, err
		}
		files, chains = append(files, proof...), held
	}
	images := r.Some
	if r.Images != "" {
		dir, err := disk.Open(r.Images)
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		images = folder{dir}
	}
	if images != nil {
		files = append(files, publishedImages(state, images)...)
	}
	slices.SortFunc(files, func(a, b bundle.File) int { return strings.Compare(a.Path, b.Path) })
	due := state.Due(repo, nil, state.IsVoid)
	made, err := writeBundle(r.Out, bundle.Head{Repository: repo.Name, Format: repo.Format, Server: bundle.Server{First: state.Server, Due: due}}, files)
	if err != nil {
		return nil, err
	}
	made.Server, made.Report, made.Passed, made.Ceremonies = due, report, reasons(state.Passed), chains
	return made, nil
}

// reasons are errors as text.
func reasons(errs map[string]error) map[string]string {
	texts := make(map[string]string, len(errs))
	for role, err := range errs {
		texts[role] = words.Printable(err.Error())
	}
	return texts
}

func writeBundle(out string, head bundle.Head, files []bundle.File) (*Made, error) {
	sum, count := sha256.New(), new(counter)
	err := disk.CreateFile(out, func(w io.Writer) error {
		return bundle.Write(io.MultiWriter(w, sum, count), head, files)
	})
	if err != nil {
		return nil, err
	}
	return &Made{File: out, Files: len(files), Bytes: int64(*count), SHA256: fmt.Sprintf("%x", sum.Sum(nil))}, nil
}

// counter counts what is written to it, in bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// publishedFiles are the metadata files to publish: exactly those that were
// verified.
func publishedFiles(s *signed.State) []bundle.File {
	var files []bundle.File
	for name, data := range s.Published(s.Server) {
		files = append(files, bundle.File{
			Path: path.Join("metadata", name), Length: int64(len(data)), SHA256: sha256.Sum256(data),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		})
	}
	return files
}

// publishedImages are the images of all targets roles under their published names.
func publishedImages(s *signed.State, images Images) []bundle.File {
	var files []bundle.File
	seen := map[string]bool{}
	for role := range s.Files {
		t := s.Targets(role)
		if t == nil || !s.Trusted(role) { // of a supplier that was removed
			continue
		}
		for _, image := range t.Images {
			if !images.Has(image.Path) {
				continue
			}
			first := ""
			for _, name := range s.ImagePaths(image) {
				name = path.Join("targets", name)
				if seen[name] {
					continue
				}
				seen[name] = true
				files = append(files, bundle.File{
					Path: name, Length: image.Length, SHA256: *image.Hashes.SHA256, SameAs: first,
					Open: func() (io.ReadCloser, error) { return images.Open(image.Path) },
				})
				if first == "" {
					first = name
				}
			}
		}
	}
	return files
}
