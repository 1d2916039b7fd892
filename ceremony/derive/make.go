package derive

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Made is a plan with its hashes. It lies in its ceremony's folder once it was written.
type Made struct {
	*Derived
	SHA256 digest.SHA256
	Room   digest.SHA256 // of site.yaml
	SameAs bool          // it was there already: a plan of the same content is no second plan
}

// Make derives a plan and puts it into a folder of its own. Its Plan is nil when
// nothing is to be done.
func Make(ws *workspace.Workspace, r plan.Request) (*Made, error) {
	made, err := Plan(ws, ws.Folder, r)
	if err != nil || made.Plan == nil || made.SameAs {
		return made, err
	}
	return made, made.Write(ws, r.Ceremony)
}

// Plan derives a plan and writes nothing. files are those of the workspace, some of
// them perhaps as they are about to be written. While another ceremony is under way it
// fails with [UnderWay].
func Plan(ws *workspace.Workspace, files workspace.Files, r plan.Request) (*Made, error) {
	past, err := ceremonies.ReadPast(ws, r.Repository, "")
	if err != nil {
		return nil, err
	}
	if len(past.Open) > 0 {
		return nil, underWay(past.Open[0])
	}
	if err := nameFree(files, r.Emergency); err != nil {
		return nil, err
	}
	derived, site, err := deriveNow(ws, files, past, r)
	if err != nil {
		return nil, err
	}
	made := &Made{Derived: derived, Room: site.SHA256()}
	if derived.Plan != nil {
		made.SameAs, err = made.there(ws, past.Planned)
	}
	return made, err
}

// deriveNow derives a plan from the files as they are now.
func deriveNow(ws *workspace.Workspace, files workspace.Files, past *ceremonies.Past, r plan.Request) (*Derived, *workspace.Site, error) {
	record := recorder{files, map[string]digest.SHA256{}}
	created := r.Now.UTC().Truncate(time.Second)
	theScene, err := scene.Read(declare.Replacing(record, r.Repository, r.Replace), r.Repository, created)
	if err != nil {
		return nil, nil, err
	}
	if err := ws.NotFake(theScene.Ring.Prints()); err != nil {
		return nil, nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, nil, err
	}
	blank := r.Blank()
	blank.Created, blank.Room = created, roomOf(site, r.Room, slices.Concat(theScene.Repo.KeyNames, theScene.PreviousKeys(), r.Destroy))
	derived, err := derive(theScene, past, blank)
	if err == nil && derived.Plan != nil {
		derived.Plan.Inputs = record.inputs()
	}
	return derived, site, err
}

// UnderWay is a ceremony that was begun and has not ended.
type UnderWay struct{ Ceremony string }

func (u *UnderWay) Error() string { return "ceremony " + u.Ceremony + " is under way" }

func roomOf(site *workspace.Site, given *scene.Room, keys []string) scene.Room {
	if given != nil {
		return *given
	}
	return scene.RoomOf(site, keys)
}

func underWay(name string) error {
	return fault.Errorf(fault.Refused, "%w", &UnderWay{name}).
		Hint("continue it: keyrite run %s", name).
		Hint("or close it: keyrite abort %s --reason TEXT", name)
}

// recent is for how long a plan that has not run stands for one that would be the
// same but for its time.
const recent = 24 * time.Hour

// there looks for a plan of the same content that has not run yet, and takes its
// place.
func (m *Made) there(ws *workspace.Workspace, planned []string) (bool, error) {
	for _, name := range slices.Backward(planned) {
		p, sum, err := plan.Read(ws, name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !m.same(p) {
			continue // the folder holds no plan, or another one
		}
		if err != nil {
			return false, err
		}
		m.Plan, m.SHA256 = p, sum
		return true, nil
	}
	return false, nil
}

// same says whether two plans do the same: all but their names and times.
func (m *Made) same(p *plan.Plan) bool {
	if age := m.Plan.Created.Sub(p.Created); age < 0 || age > recent || p.Changes.SHA256 != m.Plan.Changes.SHA256 {
		return false
	}
	a, errA := timeless(p)
	b, errB := timeless(m.Plan)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

func timeless(p *plan.Plan) ([]byte, error) {
	plain := *p
	plain.Ceremony, plain.Created = "", time.Time{}
	plain.Files = slices.Clone(p.Files)
	for i := range plain.Files {
		plain.Files[i].Expires, plain.Files[i].SHA256 = time.Time{}, digest.SHA256{}
	}
	return plain.Encode()
}

// Write puts the plan into a folder of that name or, without one, of the first number
// above those of its day, which the first of its files claims: however many plan at
// once, each gets another one.
func (m *Made) Write(ws *workspace.Workspace, name string) error {
	if name != "" {
		return m.writeAs(ws, name)
	}
	names, err := ceremonies.Names(ws)
	if err != nil {
		return err
	}
	series := fmt.Sprintf("%s-%s-", m.Plan.Created.Format(time.DateOnly), m.Plan.Repository)
	for n := ceremonies.Last(names, series) + 1; ; n++ {
		err := m.writeAs(ws, series+strconv.Itoa(n))
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

// writeAs claims a name with the first of the plan's files.
func (m *Made) writeAs(ws *workspace.Workspace, name string) error {
	m.Plan.Ceremony = name
	changes, err := plan.EncodeChanges(m.Changes)
	if err != nil {
		return err
	}
	if err := ws.Create(path.Join(m.Plan.Dir(), plan.ChangesFile), changes); err != nil {
		return err
	}
	data, err := m.Plan.Encode()
	if err != nil {
		return err
	}
	m.SHA256 = digest.Of(data)
	return ws.Create(m.File(), data)
}

// File is where the plan lies.
func (m *Made) File() string { return path.Join(m.Plan.Dir(), ceremonies.PlanFile) }
