package ceremony

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"time"
)

// ceremonyName is how a ceremony and its folder are called.
var ceremonyName = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z][a-z0-9-]*-[1-9][0-9]*$`)

// nextCeremony names a new ceremony: DATE-REPOSITORY-N, the first N that is
// free.
func nextCeremony(ws *Workspace, repository string, now time.Time) (string, error) {
	if err := noneUnderWay(ws, repository); err != nil {
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

// noneUnderWay refuses a second ceremony of a repository while one is under way,
// since both would sign the same versions.
func noneUnderWay(ws *Workspace, repository string) error {
	open, err := OpenCeremonies(ws)
	if err != nil {
		return err
	}
	for _, c := range open {
		if c.Repository == repository {
			return Errorf(Refused, "ceremony %s is under way", c.Name).
				Hint("continue it: keyrite run ceremonies/%s/plan.yaml", c.Name).
				Hint("or close it: keyrite abort ceremonies/%s/plan.yaml", c.Name)
		}
	}
	return nil
}

// OpenCeremony is a ceremony that was begun and not ended.
type OpenCeremony struct {
	Name       string
	Repository string
	Done       int // steps that ended
	Steps      int
}

// OpenCeremonies lists the ceremonies that were begun and neither finished nor
// aborted.
func OpenCeremonies(ws *Workspace) ([]OpenCeremony, error) {
	names, err := ws.List("ceremonies")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var open []OpenCeremony
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
func openCeremony(ws *Workspace, name string) (*OpenCeremony, error) {
	dir := path.Join("ceremonies", name)
	if !ceremonyName.MatchString(name) {
		return nil, nil
	}
	events, err := ReadTranscript(ws.Folder, dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(events) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plan, _, err := ReadPlan(ws, path.Join(dir, planFile))
	if err != nil {
		return nil, err
	}
	c := &OpenCeremony{Name: name, Repository: plan.Repository, Steps: len(plan.Steps)}
	for _, e := range events {
		switch e.Event {
		case EventResult:
			c.Done++
		case EventFinished, EventAborted:
			return nil, nil
		}
	}
	return c, nil
}

const (
	planFile = "plan.yaml"
	maxPlan  = 64 << 20
)

// ReadPlan reads a plan of the workspace and its SHA-256.
func ReadPlan(ws *Workspace, name string) (*Plan, [32]byte, error) {
	data, err := ws.Read(name, maxPlan)
	if err != nil {
		return nil, [32]byte{}, err
	}
	plan, err := ParsePlan(name, data)
	return plan, sha256.Sum256(data), err
}

// WritePlan stores a new plan in its ceremony's folder and returns its path and
// SHA-256.
func WritePlan(ws *Workspace, plan *Plan) (string, [32]byte, error) {
	data, err := plan.Encode()
	if err != nil {
		return "", [32]byte{}, err
	}
	name := path.Join(plan.Dir(), planFile)
	return name, sha256.Sum256(data), ws.Create(name, data)
}

// keepPlan sees to it that the plan that is run lies in its ceremony's folder,
// where the record finds it, and returns its SHA-256.
func keepPlan(ws *Workspace, plan *Plan) ([32]byte, error) {
	data, err := plan.Encode()
	if err != nil {
		return [32]byte{}, err
	}
	name := path.Join(plan.Dir(), planFile)
	there, err := ws.Read(name, maxPlan)
	if errors.Is(err, fs.ErrNotExist) {
		return sha256.Sum256(data), ws.Create(name, data)
	}
	if err != nil {
		return [32]byte{}, err
	}
	if !bytes.Equal(there, data) {
		return [32]byte{}, Errorf(Unverified, "%s is not the plan that is run", name).
			Hint("a plan is never edited; make a new one: keyrite plan %s", plan.Repository)
	}
	return sha256.Sum256(data), nil
}

// Abort closes a ceremony that will not be finished. What it signed stays.
func Abort(ws *Workspace, plan *Plan, now func() time.Time, reason string) error {
	transcript, err := OpenTranscript(ws.Folder, plan.Dir(), now)
	if err != nil {
		return err
	}
	for e := range transcript.Events() {
		if e.Event == EventFinished || e.Event == EventAborted {
			return errors.Join(Errorf(Failed, "%s has ended already (%s)", plan.Ceremony, e.Event), transcript.Close())
		}
	}
	return errors.Join(transcript.Append(0, actorPerson, EventAborted, noteData{Text: reason}), transcript.Close())
}
