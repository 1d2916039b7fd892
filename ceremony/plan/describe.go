package plan

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
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

// Describe reads how far a ceremony has come.
func Describe(ws *workspace.Workspace, name string) (Ceremony, error) {
	p, _, err := Read(ws, name)
	if err != nil {
		return Ceremony{}, err
	}
	c := Ceremony{Name: name, Repository: p.Repository, Created: p.Created, Steps: len(p.Steps)}
	sites, err := ceremonies.Sites(ws, name)
	if err != nil {
		return c, err
	}
	var steps []int
	for _, site := range sites {
		events, err := transcript.ReadSoFar(ws.Folder, ceremonies.SiteDir(name, site))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
		steps = done(steps, events)
	}
	c.Done = len(steps)
	return c, nil
}

// done adds the steps that came to their ends.
func done(steps []int, events []transcript.Event) []int {
	for _, e := range events {
		switch e.Data.(type) {
		case transcript.Generated, transcript.Reviewed, transcript.Signed, transcript.Written, transcript.Sealed, transcript.Verified, transcript.Destroyed:
			if !slices.Contains(steps, e.Step) {
				steps = append(steps, e.Step)
			}
		}
	}
	return steps
}
