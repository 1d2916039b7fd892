package rehearse

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// builder makes a world. Its plan is the last file of it, so that a world without one
// is not complete and is never run.
type builder struct {
	room.Room
	real  *workspace.Workspace
	plan  *plan.Plan
	past  *ceremonies.Past
	files workspace.View // that the plan was derived from
	site  *workspace.Site
	world *World
	dir   string // of the world, absolute
	forge *forge
}

// build makes the world of a plan, which must follow from its inputs.
func build(ctx context.Context, r room.Room, p *plan.Plan, sum digest.SHA256, module, name string) (*World, error) {
	derived, err := derive.Again(r.Workspace, p, sum)
	if err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	if module == "" {
		if module, err = softHSM(site); err != nil {
			return nil, err
		}
	}
	b := &builder{Room: r, real: r.Workspace, plan: p, past: derived.Past, files: plan.Pinned(r.Workspace, p), site: site}
	if err := b.empty(name, sum); err != nil {
		return nil, err
	}
	if err := b.fill(ctx, module); err != nil {
		// Nobody can use half a world, and its number is wanted again.
		return nil, errors.Join(err, b.world.Close(), os.RemoveAll(b.dir))
	}
	return b.world, nil
}

// softHSM is the SoftHSM2 module that this room declares, or else the one that is
// found.
func softHSM(site *workspace.Site) (string, error) {
	for _, name := range site.ModuleNames() {
		if path := site.Modules[name].Path; strings.HasPrefix(filepath.Base(path), "libsofthsm2") {
			return path, nil
		}
	}
	return hsm.SoftHSM()
}

// empty makes the folder of the world, and the file that says what it is.
func (b *builder) empty(name string, sum digest.SHA256) error {
	if err := b.real.MakeDir(path.Join(name, "hsm")); err != nil {
		return err
	}
	ws, err := workspace.Open(filepath.Join(b.real.Dir, name))
	if err != nil {
		return err
	}
	now := b.Now()
	b.dir, b.world = ws.Dir, &World{Workspace: ws, Name: name, real: b.real}
	b.world.Rehearsal = &workspace.Rehearsal{Version: 1, Of: b.plan.Ceremony, Plan: sum, Made: now, Until: now.Add(life)}
	data, err := b.world.Rehearsal.Encode()
	if err == nil {
		err = ws.Create(workspace.RehearsalFile, data)
	}
	if err != nil {
		return errors.Join(err, ws.Close())
	}
	return nil
}

// fill makes everything else, the plan last.
func (b *builder) fill(ctx context.Context, module string) (err error) {
	if b.forge, err = newForge(ctx, module, filepath.Join(b.dir, "hsm"), b.Now()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.forge.close()) }()
	for _, step := range []func(context.Context) error{b.tokens, b.keys, b.metadata, b.declarations, b.signedBefore, b.derive} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.world.list()
}

// declarations copies what people declared. trust.yaml is the same but for the
// fingerprints that people compared, which become those of the fake keys.
func (b *builder) declarations(context.Context) error {
	for _, in := range b.plan.Inputs {
		if path.Dir(in.Path) == "keys" || b.isMetadata(in.Path) {
			continue
		}
		data, err := b.files.Read(in.Path, disk.MaxInput)
		if err != nil {
			return err
		}
		if in.Path == workspace.TrustFile {
			data = []byte(b.forge.prints().Replace(string(data)))
		}
		if err := b.world.Create(in.Path, data); err != nil {
			return err
		}
	}
	return nil
}

// derive makes the plan from what lies in the world now, and demands the steps of the
// one that is rehearsed.
func (b *builder) derive(context.Context) error {
	p := b.plan
	request := p.Request()
	request.Now, request.Ceremony, request.Room = b.Now(), p.Ceremony, &p.Room
	made, err := derive.Make(b.world.Workspace, request)
	if err != nil {
		return err
	}
	b.world.Plan, b.world.Room = made.SHA256, made.Room
	return same(p, made.Plan)
}

// same demands that two plans take the same steps, in the same order, to the same
// files.
func same(want, got *plan.Plan) error {
	if got == nil {
		return fault.Errorf(fault.Failed, "the rehearsal of %s has nothing to do, want its %d steps", want.Ceremony, len(want.Steps))
	}
	for i := range max(len(want.Steps), len(got.Steps)) {
		if a, b := step(want, i), step(got, i); a != b {
			return fault.Errorf(fault.Failed, "the rehearsal of %s would not take its steps; got %s, want %s", want.Ceremony, b, a)
		}
	}
	return nil
}

// step is a step of a plan with all that it says.
func step(p *plan.Plan, i int) string {
	if i >= len(p.Steps) {
		return "no step"
	}
	s := p.Steps[i]
	text := p.Heading(s)
	if len(s.CountsFor) > 0 {
		text += " for " + strings.Join(s.CountsFor, ", ")
	}
	return text
}
