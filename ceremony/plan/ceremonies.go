package plan

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// ceremonyName is how a ceremony and its folder are called.
var ceremonyName = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z][a-z0-9-]*-[1-9][0-9]*$`)

// nextCeremony names a new ceremony: DATE-REPOSITORY-N, the first N that is
// free.
func nextCeremony(ws *workspace.Workspace, repository string, now time.Time) (string, error) {
	if err := NoneUnderWay(ws, repository); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%s-%d", now.UTC().Format(time.DateOnly), repository, n)
		switch taken, err := ws.Exists(path.Join("ceremonies", name)); {
		case err != nil:
			return "", err
		case !taken:
			return name, nil
		}
	}
}

// NoneUnderWay refuses a second ceremony of a repository while one is under way,
// since both would sign the same versions.
func NoneUnderWay(ws *workspace.Workspace, repository string) error {
	open, err := Open(ws)
	if err != nil {
		return err
	}
	for _, c := range open {
		if c.Repository == repository {
			return fault.Errorf(fault.Refused, "ceremony %s is under way", c.Name).
				Hint("continue it: keyrite run ceremonies/%s/plan.yaml", c.Name).
				Hint("or close it: keyrite abort ceremonies/%s/plan.yaml", c.Name)
		}
	}
	return nil
}

// Underway is a ceremony that was begun and not ended.
type Underway struct {
	Name       string
	Repository string
	Done       int // steps that ended
	Steps      int
}

// Open lists the ceremonies that were begun and neither finished nor
// aborted.
func Open(ws *workspace.Workspace) ([]Underway, error) {
	names, err := ws.List("ceremonies")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var open []Underway
	for _, name := range names {
		c, err := openCeremony(ws, name)
		if err != nil {
			return nil, err
		}
		if c != nil {
			open = append(open, *c)
		}
	}
	return open, nil
}

// openCeremony returns nil for a ceremony that never began or has ended.
func openCeremony(ws *workspace.Workspace, name string) (*Underway, error) {
	dir := path.Join("ceremonies", name)
	if !ceremonyName.MatchString(name) {
		return nil, nil
	}
	events, err := transcript.Read(ws.Folder, dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(events) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plan, _, err := Read(ws, path.Join(dir, PlanFile))
	if err != nil {
		return nil, err
	}
	c := &Underway{Name: name, Repository: plan.Repository, Steps: len(plan.Steps)}
	for _, e := range events {
		switch e.Event {
		case transcript.EventResult:
			c.Done++
		case transcript.EventFinished, transcript.EventAborted:
			return nil, nil
		}
	}
	return c, nil
}

const (
	PlanFile = "plan.yaml"
	MaxPlan  = 64 << 20
)

// Read reads a plan of the workspace and its SHA-256.
func Read(ws *workspace.Workspace, name string) (*Plan, [32]byte, error) {
	data, err := ws.Read(name, MaxPlan)
	if err != nil {
		return nil, [32]byte{}, err
	}
	plan, err := Parse(name, data)
	return plan, sha256.Sum256(data), err
}

// Write stores a new plan in its ceremony's folder and returns its path and
// SHA-256.
func Write(ws *workspace.Workspace, plan *Plan) (string, [32]byte, error) {
	data, err := plan.Encode()
	if err != nil {
		return "", [32]byte{}, err
	}
	name := path.Join(plan.Dir(), PlanFile)
	return name, sha256.Sum256(data), ws.Create(name, data)
}
