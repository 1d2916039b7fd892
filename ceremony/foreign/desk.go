package foreign

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foresight"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Desk is where signatures go out and come in: a ceremony as far as it has come.
type Desk struct {
	room.Room
	*sites.Stage
	site     *workspace.Site
	reviewed map[string]digest.SHA256 // bytes to sign by role, as a run showed them last
	shows    bool                     // what a file will say
}

// Open derives a plan again, and finds what runs of it have made so far.
func Open(r room.Room, ceremony string) (*Desk, error) {
	p, sum, err := plan.Read(r.Workspace, ceremony)
	if err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	derived, err := derive.Again(r.Workspace, p, sum)
	if err != nil {
		return nil, err
	}
	others, err := sites.Read(r.Workspace, p, sum, site.Name)
	if err != nil {
		return nil, err
	}
	stage, err := sites.NewStage(r.Workspace, p, derived.Scene, site.Name, others)
	if err != nil {
		return nil, err
	}
	d := &Desk{Room: r, Stage: stage, site: site, reviewed: map[string]digest.SHA256{}}
	return d, d.readTranscript()
}

// readTranscript finds which bytes people were shown here. What other sites say that
// they showed nobody here has seen.
func (d *Desk) readTranscript() error {
	events, err := transcript.Read(d.Workspace.Folder, ceremonies.SiteDir(d.Plan.Ceremony, d.site.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range events {
		if seen, ok := e.Data.(transcript.Reviewed); ok {
			d.reviewed[seen.Role] = seen.SHA256
		}
	}
	return err
}

// awaited are the steps for signatures that have to be brought in: of one key, of
// all keys for "".
func (d *Desk) awaited(key string) ([]plan.Step, error) {
	var steps []plan.Step
	var asked []string
	for _, s := range d.Plan.Steps {
		if !s.External {
			continue
		}
		if !slices.Contains(asked, s.Key) {
			asked = append(asked, s.Key)
		}
		if key == "" || s.Key == key {
			steps = append(steps, s)
		}
	}
	if len(steps) == 0 {
		return nil, fault.Errorf(fault.Usage, "%s asks for no signature by %s that is brought in; want a key of %s", d.Plan.Ceremony, orAny(key), words.List(asked)).Suggest(key, asked).
			Hint("keys on tokens sign in keyrite run %s", d.Plan.Ceremony)
	}
	return steps, nil
}

func orAny(key string) string {
	if key == "" {
		return "anybody"
	}
	return key
}

// review builds the file of a role, as a run does before it is signed: it is held
// against the policy and the clock, and shown. Its bytes must be those that the plan
// states, or that a run has shown; else nobody knows them yet.
func (d *Desk) review(role string) (*review.Reviewed, error) {
	candidate, err := review.Build(d.Scene, d.Plan, role)
	if err != nil {
		return nil, err
	}
	if err := d.known(candidate); err != nil {
		return nil, err
	}
	subject := &foresight.Subject{
		Scene: d.Scene, Plan: d.Plan, Room: scene.RoomOf(d.site, d.Scene.Repo.KeyNames), Now: d.Now(),
		Written: func(role string) bool { return d.Placed[role] },
	}
	result, err := subject.Check()
	if err != nil {
		return nil, err
	}
	show := func(c review.Content) error {
		if d.shows {
			d.Prompter.Show(screen.Join(c.Card().Text(d.Prompter.Terminal().Columns()), screen.Blank, c.Details()))
		}
		return nil
	}
	reviewed, _, err := candidate.Review(d.Scene, d.Plan, review.Checks{Result: result, Tokens: d.site.Keys}, show, d.Now())
	return reviewed, err
}

func (d *Desk) known(c *review.Candidate) error {
	file := c.File()
	if !file.SHA256.IsZero() {
		return nil // and the candidate has it, or it was not built
	}
	shown, was := d.reviewed[file.Role]
	switch {
	case was && shown == c.SHA256():
		return nil
	case was && len(d.Missing) == 0:
		return fault.Errorf(fault.Unverified, "%s: the bytes to sign are not those that keyrite run showed; got SHA-256 %s, want %s", file.Path, c.SHA256(), shown).
			Hint("keys or files were changed since; run it again: keyrite run %s", d.Plan.Ceremony)
	}
	why := "keyrite run has not come to it"
	if len(d.Missing) > 0 {
		why = "keys are yet to be generated: " + words.List(d.Missing)
	}
	return fault.Errorf(fault.Incomplete, "%s: its exact bytes are not known yet: %s", file.Path, why).
		Hint("keyrite run %s makes what is missing, and stops where it waits for the signature", d.Plan.Ceremony)
}
