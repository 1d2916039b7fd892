package run

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/desk"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
)

// machine is one run of one plan.
type machine struct {
	*Run
	plan       *plan.Plan
	sum        digest.SHA256 // of plan.yaml
	scene      *scene.Scene
	past       *ceremonies.Past // what other ceremonies signed
	site       *workspace.Site
	transcript *transcript.Transcript
	tokens     *custody.Tokens
	desk       *desk.Desk // nil where no roll is called

	entering []string                    // keys that are in no role yet, as the plan found it
	made     map[string]bool             // keys that this process generated
	vouched  bool                        // for all that enter a role
	checked  *policies.Result            // nil until the first review
	reviewed map[string]*review.Reviewed // by role
	placed   map[string]bool             // roles whose files are in place
	signed   map[string][]string         // keys that have signed, by role

	kit *kit.Kit // that is completed; nil for none

	others   *sites.Others
	taken    map[string][]byte // records of keys that other sites made, by name
	heard    bool              // the words of all keys that other sites hold
	believed int               // the line of the head that people confirmed from their paper
	waits    []plan.Step       // that others have to do first
}

// begin reads everything once and finds out whether the plan may run: before it
// has a transcript, and long before a token is asked. It returns nil when the
// ceremony has ended already.
func (r *Run) begin(ctx context.Context, name string) (*machine, error) {
	p, sum, err := plan.Read(r.Workspace, name)
	if err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	m := &machine{Run: r, plan: p, sum: sum, site: site, tokens: &custody.Tokens{Unattended: r.Yes}, made: map[string]bool{}, reviewed: map[string]*review.Reviewed{}, placed: map[string]bool{}, signed: map[string][]string{}, taken: map[string][]byte{}}
	if err := m.meetOthers(); err != nil {
		return nil, err
	}
	if err := m.sweep(); err != nil {
		return nil, err
	}
	begun, err := r.Workspace.Exists(path.Join(m.dir(), transcript.File))
	if err != nil {
		return nil, err
	}
	do := m.start
	if begun {
		do = m.resume
	}
	ready, err := do(ctx)
	m.showUnmet(err)
	return ready, err
}

// meetOthers reads what other sites did, and refuses a room that the plan does not mean.
func (m *machine) meetOthers() (err error) {
	if m.Rehearsal == nil {
		if err := m.plan.Located(m.site); err != nil {
			return err
		}
	}
	if m.others, err = sites.Read(m.Workspace, m.plan, m.sum, m.site.Name); err != nil {
		return err
	}
	if err := m.others.Closed(); err != nil {
		return err
	}
	last, where := m.others.Last()
	return m.notBefore(last, where)
}

// dir is where this site writes what it does of the ceremony.
func (m *machine) dir() string { return ceremonies.SiteDir(m.plan.Ceremony, m.site.Name) }

// sweep takes away what a run that was killed had not finished to write: in the folders
// that a run writes to, and above them, where a file waits whose folder is not there yet.
func (m *machine) sweep() error {
	for _, dir := range []string{m.dir() + "/signatures", m.dir() + "/replaced", signed.MetadataDir(m.plan.Repository), workspace.KeysDir} {
		for {
			if err := m.Workspace.Sweep(dir); err != nil {
				return err
			}
			if dir == "." {
				break
			}
			dir = path.Dir(dir)
		}
	}
	return nil
}

// start begins a ceremony. Nothing is left behind when it is refused.
func (m *machine) start(ctx context.Context) (*machine, error) {
	for _, file := range m.plan.Files {
		if err := m.plan.CheckTime(file, m.Now()); err != nil {
			return nil, err
		}
	}
	if err := m.load(); err != nil {
		return nil, err
	}
	if err := m.outputsFree(); err != nil {
		return nil, err
	}
	if m.Rehearsal == nil {
		m.Prompter.Say("%s", m.Rehearsed)
	}
	var kept kept
	if err := m.meet(ctx, &kept); err != nil {
		return nil, err
	}
	inspected, err := m.inspect(ctx)
	if err != nil {
		return nil, err
	}
	runbook, err := plan.RunbookSum(m.Workspace, m.plan.Ceremony)
	if err != nil {
		return nil, err
	}
	if m.transcript, err = transcript.Open(m.Workspace.Folder, m.dir(), m.Now); err != nil {
		return nil, err
	}
	m.transcript.Told = m.Told
	kept = append([]line{
		{0, transcript.ActorTool, transcript.Started{Plan: m.sum, Room: m.site.SHA256(), Fake: m.Rehearsal != nil, Runbook: runbook}},
		{0, transcript.ActorTool, m.Rehearsed},
		{0, transcript.ActorTool, inspected.Inspected},
	}, kept...)
	for _, l := range kept {
		if err := m.transcript.Append(l.step, l.actor, l.data); err != nil {
			return nil, errors.Join(err, m.transcript.Close())
		}
	}
	return m, m.closeAfter(m.prepare(ctx))
}

// meet has people say who they are, and compare their paper.
func (m *machine) meet(ctx context.Context, log room.Log) error {
	if err := m.rollCall(ctx, log); err != nil {
		return err
	}
	m.showNeeds()
	return m.authenticate(ctx, log)
}

// prepare is all that comes before the first step. Where it stops, bags may be open.
func (m *machine) prepare(ctx context.Context) error {
	if err := m.equipment(ctx); err != nil {
		desk.ShowOpenBags(m.Prompter, m.events())
		return errors.Join(err, m.showHead())
	}
	return m.showHead()
}

// resume goes on with a ceremony that was begun.
func (m *machine) resume(ctx context.Context) (_ *machine, err error) {
	if m.transcript, err = transcript.Open(m.Workspace.Folder, m.dir(), m.Now); err != nil {
		return nil, err
	}
	m.transcript.Told = m.Told
	if err := m.closeAfter(m.afterLast()); err != nil {
		return nil, err
	}
	ended, err := m.ended()
	if err != nil || ended {
		return nil, errors.Join(err, m.transcript.Close())
	}
	return m, m.closeAfter(m.pickUp(ctx))
}

func (m *machine) pickUp(ctx context.Context) error {
	if err := m.load(); err != nil {
		return err
	}
	if err := m.meet(ctx, m.transcript); err != nil {
		return err
	}
	inspected, err := m.inspect(ctx)
	if err != nil {
		return err
	}
	for _, data := range []transcript.Data{transcript.Resumed{Plan: m.sum, Room: m.site.SHA256()}, inspected.Inspected} {
		if err := m.transcript.Append(0, transcript.ActorTool, data); err != nil {
			return err
		}
	}
	if err := m.recognize(); err != nil {
		return err
	}
	return m.prepare(ctx)
}

func (m *machine) closeAfter(err error) error {
	if err != nil {
		return errors.Join(err, m.transcript.Close())
	}
	return nil
}

// load derives the plan again and keeps the scene that it follows from.
func (m *machine) load() error {
	derived, err := derive.Again(m.Workspace, m.plan, m.sum)
	if err != nil {
		return err
	}
	m.scene, m.past, m.entering = derived.Scene, derived.Past, derived.Scene.Entering()
	if err := m.Rehearsal.Belongs(m.scene.Signed.Rehearsal != nil, m.plan.Ceremony+" in "+m.Workspace.Dir); err != nil {
		return err
	}
	if err := m.openKit(); err != nil {
		return err
	}
	return m.noStranger()
}

// ended says whether the transcript has come to its end. That end is a claim too:
// what the ceremony made must be there.
func (m *machine) ended() (bool, error) {
	for e := range m.transcript.Events() {
		switch d := e.Data.(type) {
		case transcript.Started:
			if err := m.Rehearsal.Belongs(d.Fake, m.dir()+"/"+transcript.File); err != nil {
				return false, err
			}
			if d.Plan != m.sum {
				return false, fault.Errorf(fault.Unverified, "%s: the transcript belongs to another plan; got SHA-256 %s, want %s", m.dir(), m.sum, d.Plan).
					Hint("a plan is never edited; make a new one: keyrite plan %s", m.plan.Repository)
			}
		case transcript.Aborted:
			return false, fault.Errorf(fault.Failed, "%s was aborted: %s", m.plan.Ceremony, d.Because).Hint("make a new plan: keyrite plan %s", m.plan.Repository)
		case transcript.Finished:
			return true, m.allThere()
		}
	}
	return false, nil
}

func (m *machine) allThere() error {
	for _, output := range m.plan.Outputs {
		if m.plan.Emergency != "" && output == kit.Path(m.plan.Emergency) {
			continue // kept in its envelope, or of no use any more
		}
		there, err := m.Workspace.Exists(output)
		if err != nil {
			return err
		}
		if !there {
			return fault.Errorf(fault.Unverified, "the transcript of %s says that it is finished, but %s is not there", m.plan.Ceremony, output).
				Hint("restore the file from the last bundle, and compare the transcript with the witnesses' papers")
		}
	}
	m.Prompter.Say("%s is finished already.", m.plan.Ceremony)
	sayHead(m.Room, m.transcript.Head())
	return nil
}

// kept are the lines of a ceremony that has no transcript yet.
type kept []line

type line struct {
	step  int
	actor string
	data  transcript.Data
}

func (k *kept) Append(step int, actor string, data transcript.Data) error {
	*k = append(*k, line{step, actor, data})
	return nil
}

var _ room.Log = (*kept)(nil)

func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }
