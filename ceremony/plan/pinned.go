package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// pinned are the files that a plan was derived from, and no others. Each is read
// once and must have the hash that the plan states; where this ceremony has
// replaced it, the copy that was kept must.
type pinned struct {
	from workspace.Files
	plan *Plan
	sums map[string]digest.SHA256
}

// Pinned are the files that a plan was derived from, as they were then.
func Pinned(from workspace.Files, p *Plan) workspace.View {
	sums := make(map[string]digest.SHA256, len(p.Inputs))
	for _, in := range p.Inputs {
		sums[in.Path] = in.SHA256
	}
	return workspace.View{Files: pinned{from, p, sums}}
}

func (p pinned) Read(name string, limit int64) ([]byte, error) {
	want, listed := p.sums[name]
	if !listed {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	data, err := p.from.Read(name, limit)
	if err == nil && digest.Of(data) == want {
		return data, nil
	}
	if kept := p.kept(name, limit, want); kept != nil {
		return kept, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.Unverified, "%s: the file is gone since the plan was made", name).Hint("restore it, or %s", p.plan.Anew())
	}
	if err != nil {
		return nil, err
	}
	if digest.Of(strict.Unix(data)) == want {
		return nil, strict.LineEnds(name, data)
	}
	return nil, fault.Errorf(fault.Unverified, "%s has changed since the plan was made; got SHA-256 %s, want %s", name, digest.Of(data), want).
		Hint("restore the file, or %s", p.plan.Anew())
}

func (p pinned) Sum(name string) digest.SHA256 { return p.sums[name] }

// kept is the file that a site of this ceremony replaced; nil if none has.
func (p pinned) kept(name string, limit int64, want digest.SHA256) []byte {
	sites, _ := ceremonies.Sites(p.from, p.plan.Ceremony)
	for _, site := range sites {
		if kept, err := p.from.Read(ceremonies.Kept(p.plan.Ceremony, site, name), limit); err == nil && digest.Of(kept) == want {
			return kept
		}
	}
	return nil
}

func (p pinned) List(dir string) ([]string, error) {
	var names []string
	for name := range p.sums {
		if path.Dir(name) == path.Clean(dir) {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// Anew is the hint that says how to get another plan.
func (p *Plan) Anew() string { return "make a new plan: keyrite plan " + p.Repository }
