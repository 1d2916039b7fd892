package preflight

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Machine is what there is to look at outside of the workspace.
type Machine struct {
	Build       string           // what keyrite was built from
	Protections []hsm.Protection // of this process
	Terminal    *Size            // nil: nobody sits at one

	interfaces, routes, swaps string
}

// Size is that of a terminal, in columns and lines.
type Size struct{ Width, Height int }

// Here is this machine.
func Here(build string, protections []hsm.Protection, terminal *Size) Machine {
	return Machine{Build: build, Protections: protections, Terminal: terminal,
		interfaces: "/sys/class/net", routes: "/proc/net/route", swaps: "/proc/swaps"}
}

// Request says what the machine is to be fit for.
type Request struct {
	Now    time.Time
	Tokens []string // names in site.yaml of those that are used; nil: all
	People bool     // somebody is there: to confirm the clock, and to bring a token
	Absent bool     // a token may still be in its bag; only with People
	All    bool     // a line for each way out of a helper, not only for those that are open
}

// Inspector is what looks at a machine: [Machine.Look].
type Inspector func(context.Context, *workspace.Workspace, Request) (*Report, error)

// Look looks at this machine: what keyrite is and what protects it, the air gap, swap,
// the clock, the folder of results, the terminal, the modules and the tokens. Nobody
// logs in, and nothing is written. What fails and is waived in site.yaml is WAIVED.
func (m Machine) Look(ctx context.Context, ws *workspace.Workspace, ask Request) (*Report, error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.own(m.Build)
	for _, p := range m.Protections {
		r.protection(p, swapIsOff(m.swaps))
	}
	r.airGap(m.interfaces, m.routes)
	r.swap(m.swaps)
	if err := r.clock(ws, ask); err != nil {
		return nil, err
	}
	r.folder(ws.Dir)
	r.terminal(m.Terminal)
	for _, name := range site.ModuleNames() {
		module, err := site.Module(name)
		if err != nil {
			return nil, err
		}
		r.module(module)
		r.doors(ctx, module)
	}
	if err := r.tokens(ctx, ws, site, ask); err != nil {
		return nil, err
	}
	r.waive(site.Waivers)
	if !ask.All {
		r.brief()
	}
	return r, nil
}

// clock holds the clock against the newest record that says when it was made.
// Whether it is right, only people can tell.
func (r *Report) clock(ws *workspace.Workspace, ask Request) error {
	records, err := ws.Keys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var newest time.Time
	file := ""
	for _, k := range records {
		if k.Created.After(newest) {
			newest, file = k.Created, workspace.KeyPath(k.Name)
		}
	}
	now := ask.Now.UTC().Format(time.DateTime) + " UTC"
	switch {
	case ask.Now.Before(newest):
		r.fail(CheckClock, "", "the clock says %s, which is before %s was made: %s UTC", now, file, newest.UTC().Format(time.DateTime))
	case ask.People:
		r.warn(CheckClock, "", "the clock says %s%s", now, unconfirmed)
	default:
		r.pass(CheckClock, "", "the clock says %s, and no key was made later", now)
	}
	return nil
}
