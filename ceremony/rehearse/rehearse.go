package rehearse

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

const (
	// PIN is that of every throwaway token, the security officer's too. Everybody may
	// know it: real PINs are practised on real tokens, with Practice.
	PIN = "rehearsal"

	// life is how long a rehearsal, and whatever it signs, is good for.
	life = 7 * 24 * time.Hour
)

// World is where a rehearsal is held: a workspace below rehearsals/ in which all keys
// are fake and what is signed now was signed again by them.
type World struct {
	*workspace.Workspace
	Rehearsal *workspace.Rehearsal
	Name      string        // its folder, in the workspace of what is rehearsed
	Plan      digest.SHA256 // of its plan.yaml
	Room      digest.SHA256 // of its site.yaml
	Begun     bool          // it was there already, and goes on

	// Alone has the steps tried without people: nobody is asked, since nothing is meant.
	Alone bool

	real *workspace.Workspace
	site string // its name
}

// Open goes on with the rehearsal of a ceremony that was begun, or makes its world.
// module is the path of a SoftHSM2 module, empty for the one that is found.
func Open(ctx context.Context, r room.Room, ceremony, module string) (*World, error) {
	if fake, err := r.Workspace.Rehearsal(); err != nil || fake != nil {
		return nil, errors.Join(err, fault.Errorf(fault.Usage, "%s is the world of a rehearsal", r.Workspace.Dir).
			Hint("call keyrite rehearse in the workspace of what is rehearsed"))
	}
	p, sum, err := plan.Read(r.Workspace, ceremony)
	if err != nil {
		return nil, err
	}
	name, n, err := newest(r.Workspace, ceremony)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		w, err := reopen(r, name, p, sum)
		if err != nil || w != nil {
			return w, err
		}
	}
	return build(ctx, r, p, sum, module, worldName(ceremony, n+1))
}

// reopen opens a world of that very plan that is complete, still lives and has not
// come to its end; nil for any other.
func reopen(r room.Room, name string, p *plan.Plan, sum digest.SHA256) (*World, error) {
	w, err := open(r.Workspace, name)
	if err != nil {
		return nil, err
	}
	fresh, err := w.goesOn(p, sum, r.Now())
	if err == nil && fresh {
		w.Begun = true
		return w, nil
	}
	return nil, errors.Join(err, w.Close())
}

func (w *World) goesOn(p *plan.Plan, sum digest.SHA256, now time.Time) (bool, error) {
	if w.Rehearsal == nil || w.Rehearsal.Plan != sum || !now.Before(w.Rehearsal.Until) {
		return false, nil
	}
	last, err := w.last(p.Ceremony)
	if w.site == "" || errors.Is(err, fs.ErrNotExist) { // not complete, or not begun
		_, w.Plan, err = plan.Read(w.Workspace, p.Ceremony)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return err == nil, err
	}
	if err != nil || last.ended() {
		return false, err
	}
	_, w.Plan, err = plan.Read(w.Workspace, p.Ceremony)
	return err == nil, err
}

// open opens a world as it lies there, complete or not.
func open(real *workspace.Workspace, name string) (*World, error) {
	ws, err := workspace.Open(path.Join(real.Dir, name))
	if err != nil {
		return nil, err
	}
	w := &World{Workspace: ws, Name: name, real: real}
	if w.Rehearsal, err = ws.Rehearsal(); err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	site, err := ws.Site()
	if err == nil {
		w.Room, w.site = site.SHA256(), site.Name
	} else if w.Rehearsal != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, ws.Close())
	}
	return w, nil
}

// Run holds the rehearsal, or goes on with it: the run of the real ceremony, in a room
// that opens no real token. Keys that it makes are listed as fake, however it ends.
// Where it waits for a signature that is brought in by hand, that comes, by a fake.
func (w *World) Run(ctx context.Context, r room.Room, inspect preflight.Inspector) (err error) {
	r.Workspace, r.Rehearsal, r.Prompter = w.Workspace, w.Rehearsal, fake{r.Prompter}
	if w.Alone {
		r.Prompter = alone{r.Prompter}
	}
	defer func() { err = errors.Join(err, w.list()) }()
	for {
		held := &run.Run{Room: r, Inspect: inspect, Yes: w.Alone, PlanSHA256: w.Plan, RoomSHA256: w.Room}
		err := held.Ceremony(ctx, w.Rehearsal.Of)
		if !waits(err) {
			return err
		}
		brought, bringErr := w.bring(ctx, r)
		if bringErr != nil || brought == 0 {
			return errors.Join(err, bringErr)
		}
	}
}

// RunAlone holds the rehearsal without people, where site.yaml marks all that it signs
// as unattended.
func (w *World) RunAlone(ctx context.Context, r room.Room, inspect preflight.Inspector) (err error) {
	r.Workspace, r.Rehearsal, r.Prompter = w.Workspace, w.Rehearsal, fake{r.Prompter}
	held := &run.Run{Room: r, Yes: true, PlanSHA256: w.Plan, RoomSHA256: w.Room, Inspect: inspect}
	return errors.Join(held.Ceremony(ctx, w.Rehearsal.Of), w.list())
}

// list lists the keys of the world in the real workspace, which takes none of them.
func (w *World) list() error {
	keys, err := w.Keys()
	if err != nil {
		return err
	}
	prints := map[string]digest.SHA256{}
	for name, record := range keys {
		prints[name] = digest.SHA256(record.Fingerprint())
	}
	return w.real.AddFakes(w.Name, prints)
}

// Last is what the transcript of a real run quotes: the newest rehearsal of its plan.
func Last(ws *workspace.Workspace, ceremony string) (quoted transcript.Rehearsed, err error) {
	p, sum, err := plan.Read(ws, ceremony)
	if err != nil {
		return quoted, err
	}
	_, n, err := newest(ws, ceremony)
	for ; n > 0 && err == nil; n-- {
		var found bool
		if quoted, found, err = quote(ws, worldName(ceremony, n), p, sum); found {
			return quoted, err
		}
	}
	return transcript.Rehearsed{}, err
}

// quote is one rehearsal, if it was one of that plan and began.
func quote(ws *workspace.Workspace, name string, p *plan.Plan, sum digest.SHA256) (quoted transcript.Rehearsed, found bool, err error) {
	w, err := open(ws, name)
	if err != nil {
		return quoted, false, err
	}
	defer w.Close()
	if w.Rehearsal == nil || w.Rehearsal.Plan != sum {
		return quoted, false, nil
	}
	last, err := w.last(p.Ceremony)
	if errors.Is(err, fs.ErrNotExist) {
		return quoted, false, nil
	}
	if err != nil { // which is no reason not to hold the ceremony
		return transcript.Rehearsed{State: "its transcript is not readable: " + err.Error(), World: name}, true, nil
	}
	return transcript.Rehearsed{Head: last.head, State: last.state(), Time: last.event.Time, World: name, Alone: !last.asked}, true, nil
}
