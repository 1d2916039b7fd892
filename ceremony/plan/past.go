package plan

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Ceremony is one folder below ceremonies/.
type Ceremony struct {
	Name       string    `json:"name"`
	Repository string    `json:"repository"`
	Created    time.Time `json:"created"`
	Done       int       `json:"done"`  // steps that ended
	Steps      int       `json:"steps"` // of the plan
}

// Past is what the ceremonies of a repository signed, by their transcripts: the
// workspace's ledger.
type Past struct {
	newest  map[string]Signature // by role
	Open    []string             // ceremonies that began and did not end
	Planned []string             // ceremonies that did not begin
}

// Signature is a version that a ceremony signed.
type Signature struct {
	transcript.Mark
	Ceremony string
}

// Newest is the highest version of a role that any ceremony signed.
func (p *Past) Newest(role string) (Signature, bool) {
	s, ok := p.newest[role]
	return s, ok
}

// ReadPast reads what came of the ceremonies of a repository, all repositories
// for "". Of one that has ended it reads the last line. The ceremony called
// except is left out.
func ReadPast(ws *workspace.Workspace, repository, except string) (*Past, error) {
	names, err := ws.List(ceremonies)
	if err != nil {
		return nil, err
	}
	p := &Past{newest: map[string]Signature{}}
	for _, name := range names {
		of, err := RepositoryOf(name)
		if err != nil || name == except || repository != "" && of != repository {
			continue // not a ceremony's folder, or of no concern
		}
		if err := p.add(ws, name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Past) add(ws *workspace.Workspace, name string) error {
	dir := path.Join(ceremonies, name)
	end, err := transcript.End(ws.Folder, dir)
	if errors.Is(err, fs.ErrNotExist) {
		p.Planned = append(p.Planned, name)
		return nil
	}
	if err != nil {
		return err
	}
	if end != nil {
		if _, marks, ended := end.Ended(); ended {
			p.note(name, marks)
			return nil
		}
	}
	events, err := transcript.Read(ws.Folder, dir)
	if end == nil && err != nil { // torn by a crash: the next run of it says so
		p.Open = append(p.Open, name)
		return nil
	}
	if err != nil {
		return err
	}
	p.Open = append(p.Open, name)
	p.note(name, transcript.Marks(events))
	return nil
}

func (p *Past) note(ceremony string, marks []transcript.Mark) {
	for _, m := range marks {
		before, there := p.newest[m.Role]
		if !there || cmp.Or(cmp.Compare(m.Version, before.Version), compare(m.Placed, before.Placed)) > 0 {
			p.newest[m.Role] = Signature{m, ceremony}
		}
	}
}

func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Describe reads how far a ceremony has come.
func Describe(ws *workspace.Workspace, name string) (Ceremony, error) {
	p, _, err := Read(ws, name)
	if err != nil {
		return Ceremony{}, err
	}
	c := Ceremony{Name: name, Repository: p.Repository, Created: p.Created, Steps: len(p.Steps)}
	events, err := transcript.Read(ws.Folder, p.Dir())
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	c.Done = len(done(events))
	return c, err
}

// done are the steps that came to their ends.
func done(events []transcript.Event) []int {
	var steps []int
	for _, e := range events {
		switch e.Data.(type) {
		case transcript.Generated, transcript.Reviewed, transcript.Signed, transcript.Written, transcript.Verified, transcript.Destroyed:
			if !slices.Contains(steps, e.Step) {
				steps = append(steps, e.Step)
			}
		}
	}
	return steps
}
