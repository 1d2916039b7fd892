// Package generate makes the repositories that TUF and Uptane clients judge:
// honest ones, and ones that bend a single thing and are honest otherwise.
package generate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/uptane/keyrite/roles"
)

// File is one metadata file before it is signed.
type File struct {
	Body    roles.Body
	Signers []*Key
	// Edit changes what keyrite wrote to something that it never would.
	Edit func(signed map[string]any)
	// Spoil changes the finished file.
	Spoil func(file []byte) []byte
}

// Repository is a repository before it is signed. Snapshot and timestamp get
// their entries when it is published.
type Repository struct {
	Format    roles.Format
	Roots     []*File // 1.root.json first: names follow the place, not the version
	Targets   *File
	Delegated *File // the role that Targets delegates to
	Delegate  string
	Snapshot  *File
	Timestamp *File
	Images    map[string][]byte
	Spare     []*Key // of nobody yet, four
}

// Publish signs the files and writes them to dir/metadata and dir/targets.
func (r *Repository) Publish(dir string) error {
	p := &publisher{format: r.Format, dir: dir}
	for i, root := range r.Roots {
		p.write(r.Format.MetadataPath("root", int64(i+1)), p.sign(root))
	}
	snapshot, timestamp := r.Snapshot.Body.(*roles.Snapshot), r.Timestamp.Body.(*roles.Timestamp)
	snapshot.Meta = []roles.Meta{p.publish(r.Delegate, r.Delegated), p.publish("targets", r.Targets)}
	timestamp.Snapshot = p.publish("snapshot", r.Snapshot)
	p.publish("timestamp", r.Timestamp)
	root := r.Roots[len(r.Roots)-1].Body.(*roles.Root)
	for _, f := range []*File{r.Targets, r.Delegated} {
		for _, image := range f.Body.(*roles.Targets).Images {
			for _, path := range root.ImagePaths(r.Format, image) {
				p.create(filepath.Join("targets", path), r.Images[image.Path])
			}
		}
	}
	return p.err
}

// publisher writes files; the first failure sticks.
type publisher struct {
	format roles.Format
	dir    string
	err    error
}

// publish signs and writes a file and returns what its referrer states of it.
func (p *publisher) publish(role string, f *File) roles.Meta {
	version := roles.HeadOf(f.Body).Version
	data := p.sign(f)
	p.write(p.format.MetadataPath(role, version), data)
	return roles.Meta{Name: role + ".json", Version: version, Length: int64(len(data)), Hashes: roles.HashesOf(data)}
}

func (p *publisher) write(name string, data []byte) { p.create(filepath.Join("metadata", name), data) }

func (p *publisher) create(name string, data []byte) {
	if p.err != nil {
		return
	}
	path := filepath.Join(p.dir, name)
	if p.err = os.MkdirAll(filepath.Dir(path), 0o755); p.err == nil {
		p.err = os.WriteFile(path, data, 0o644)
	}
}

func (p *publisher) sign(f *File) []byte {
	if p.err != nil {
		return nil
	}
	data, err := f.sign(p.format)
	p.err = err
	return data
}

func (f *File) sign(format roles.Format) ([]byte, error) {
	draft, err := roles.Encode(format, f.Body)
	if err == nil && f.Edit != nil {
		err = edit(draft, f.Edit)
	}
	if err != nil {
		return nil, err
	}
	signatures := make([]roles.SignedBy, len(f.Signers))
	for i, k := range f.Signers {
		if signatures[i], err = k.sign(draft.Signed); err != nil {
			return nil, err
		}
	}
	data, err := draft.Seal(signatures)
	if err == nil && f.Spoil != nil {
		data = f.Spoil(data)
	}
	return data, err
}

// edit changes a draft behind keyrite's back.
func edit(draft *roles.Draft, change func(map[string]any)) error {
	var signed map[string]any
	decoder := json.NewDecoder(bytes.NewReader(draft.JSON))
	decoder.UseNumber()
	if err := decoder.Decode(&signed); err != nil {
		return err
	}
	change(signed)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(signed); err != nil {
		return err
	}
	var err error
	draft.JSON = bytes.TrimSpace(out.Bytes())
	draft.Signed, err = draft.Format.Canonical(draft.JSON)
	return err
}
