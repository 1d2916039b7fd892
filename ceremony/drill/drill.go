package drill

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/uptane/keyrite/ceremony/backup"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/rehearse"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/ceremony/wrapping"
)

// Drill is a backup that was restored for trial.
type Drill struct {
	Backup       string        `json:"backup"`
	SHA256       digest.SHA256 `json:"sha256"`
	Fleet        string        `json:"fleet"`
	Files        int           `json:"files"`
	Transcripts  int           `json:"transcripts"`
	Repositories []Rotation    `json:"repositories"`
	Opened       []string      `json:"opened,omitempty"`   // wrapped keys that were restored on a throwaway token, and signed once there
	Unopened     []string      `json:"unopened,omitempty"` // wrapped keys that stay closed: --open, or a spare token, tries them
}

// Rotation is a root that was rotated, with fake keys.
type Rotation struct {
	Repository string `json:"repository"`
	Root       int64  `json:"root"`          // the version that was signed
	Out        string `json:"out,omitempty"` // the key that was replaced; empty: the same keys signed again
}

// Request says what to try.
type Request struct {
	Backup  string
	Module  string // path of a SoftHSM2 module; empty: the one that is found
	Inspect preflight.Inspector

	// Open restores the wrapped keys too, with what the custodians of their wrapping key
	// bring.
	Open     bool
	Wrapping wrapping.WrappingKeyRequest // components or shares alone
}

// Hold restores a backup of this fleet into a throwaway folder, verifies everything in
// it, replaces a key of each root in a ceremony with fake keys on throwaway tokens, and
// has the transcript of custody say so. Nothing of the workspace else is touched, and no
// real token.
func Hold(ctx context.Context, r room.Room, q Request) (d *Drill, err error) {
	trust, err := r.Workspace.Trust()
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "keyrite-drill-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	dir := filepath.Join(temp, "fleet")
	restored, err := backup.Restore(q.Backup, dir)
	if err != nil {
		return nil, err
	}
	if restored.Fleet != trust.Fleet {
		return nil, fault.Errorf(fault.Usage, "%s is a backup of fleet %q, but this is the workspace of %q", q.Backup, restored.Fleet, trust.Fleet)
	}
	ws, err := workspace.Open(dir)
	if err != nil {
		return nil, err
	}
	defer ws.Close()
	d = &Drill{Backup: q.Backup, SHA256: restored.SHA256, Fleet: restored.Fleet, Files: restored.Files, Transcripts: restored.Verified.Transcripts, Repositories: []Rotation{}}
	if err := d.keys(ctx, r, ws, q); err != nil {
		return d, err
	}
	for _, name := range restored.Verified.Repositories {
		rotation, err := rotate(ctx, r, ws, name, q)
		if err != nil {
			return d, &fault.Error{Code: fault.CodeOf(err), Err: errors.Join(errors.New(name+": the drill failed"), err)}
		}
		d.Repositories = append(d.Repositories, rotation)
	}
	return d, d.leave(r)
}

// keys opens the wrapped keys of the backup where that is asked for, and says which stayed
// closed.
func (d *Drill) keys(ctx context.Context, r room.Room, ws *workspace.Workspace, q Request) error {
	found, err := wrapped(ws)
	if err != nil {
		return err
	}
	if q.Open && len(found) > 0 {
		return d.open(ctx, r, found, q)
	}
	for _, b := range found {
		d.Unopened = append(d.Unopened, b.Key)
	}
	return nil
}

// strictBytes bounds the file of a wrapped key.
const strictBytes = 1 << 16

// rotate replaces a key of a root, in the world of a rehearsal that needs nobody.
func rotate(ctx context.Context, r room.Room, ws *workspace.Workspace, repository string, q Request) (Rotation, error) {
	done := Rotation{Repository: repository}
	if err := closeAll(ws, repository); err != nil {
		return done, err
	}
	var err error
	if done.Out, err = anotherRoot(ws, repository, q.Module, r.Now()); err != nil {
		return done, err
	}
	request := plan.Request{Repository: repository, Reason: "drill", Renew: []string{"root"}, Later: workspace.TopLevel[1:], Override: "drill", Now: r.Now()}
	made, err := derive.Make(ws, request)
	if err != nil {
		if err = waive(ws, repository, err); err != nil {
			return done, err
		}
		if made, err = derive.Make(ws, request); err != nil {
			return done, err
		}
	}
	root, planned := made.Plan.File("root")
	if !planned {
		return done, fault.Errorf(fault.Failed, "the plan signs no root")
	}
	done.Root = root.Version
	there := room.Room{Workspace: ws, Prompter: nobody{}, Now: r.Now}
	world, err := rehearse.Open(ctx, there, made.Plan.Ceremony, q.Module)
	if err != nil {
		return done, err
	}
	defer world.Close()
	return done, world.RunAlone(ctx, there, q.Inspect)
}

// closeAll takes ceremonies out of the copy that were not ended when it was made: the
// drill is none of theirs.
func closeAll(ws *workspace.Workspace, repository string) error {
	past, err := ceremonies.ReadPast(ws, repository, "")
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(past.Open, past.Planned) {
		if err := ws.RemoveDir(ceremonies.Dir(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// leave writes into the workspace that the drill was held.
func (d *Drill) leave(r room.Room) error {
	drilled := transcript.Drilled{Backup: d.SHA256, Files: d.Files, Keys: d.Opened, Unopened: d.Unopened}
	for _, rotation := range d.Repositories {
		drilled.Repositories = append(drilled.Repositories, rotation.Repository)
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return err
	}
	log, err := transcript.Open(r.Workspace.Folder, transcript.CustodyOf(site.Name), r.Now)
	if err != nil {
		return err
	}
	return errors.Join(log.Append(0, transcript.ActorTool, drilled), log.Close())
}

// nobody is a room without people: it says nothing and answers nothing.
type nobody struct{}

func (nobody) Say(string, ...any)                {}
func (nobody) Show(screen.Text)                  {}
func (nobody) Page(context.Context, screen.Text) {}
func (nobody) Used() int                         { return 0 }
func (nobody) Asks() bool                        { return false }
func (nobody) Terminal() screen.Terminal         { return screen.Terminal{} }
func (nobody) Line(context.Context, string) (string, error) {
	return "", prompt.ErrDeclined
}
func (nobody) PIN(context.Context, string) ([]byte, error) {
	return nil, fault.Errorf(fault.Token, "a drill has nobody who knows a PIN")
}
