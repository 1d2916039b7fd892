// Each door tried from inside: what a module could do on this machine, found out by
// a helper that is locked in for it and loads none.

package hsm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// Door is a way out of a helper.
type Door struct {
	Name   string `json:"name"`
	Held   bool   `json:"held"`
	Detail string `json:"detail"` // what it met, or why it is open
}

// Probe locks a helper in as for m, tries every door from inside, and returns them
// in a fixed order. m may be the zero Module, which declares nothing. It loads no
// module and asks no token.
func Probe(ctx context.Context, m Module) ([]Door, error) {
	m.Path = ""
	p, err := startLocked(ctx, m, "")
	if err != nil {
		return nil, err
	}
	defer p.close()
	args := probeArgs{Outside: m.outside()}
	if len(m.Connects) > 0 {
		listeners, err := listenForProbe()
		if err != nil {
			return nil, p.errorf(ErrUsage, "probe: %v", err)
		}
		for _, l := range listeners {
			defer l.Close()
			args.Sockets = append(args.Sockets, l.Addr().String())
		}
	}
	doors, err := call[[]Door](ctx, p, m.timeout(), "probe", args, nil)
	if err != nil {
		return nil, err
	}
	for i, d := range doors {
		if !d.Held {
			doors[i].Detail += p.why()
		}
	}
	for _, name := range foreignDoors {
		door, err := probeForeign(ctx, m, name)
		if err != nil {
			return nil, err
		}
		doors = append(doors, door)
	}
	return append(doors, memoryDoor(p.protections)), nil
}

// probeArgs is what there is to reach outside.
type probeArgs struct {
	Outside []outside
	Sockets []string // Unix sockets that listen; "@" begins an abstract name
}

// listenForProbe opens a Unix socket with a path and an abstract one, which no
// module declares.
func listenForProbe() (listeners []net.Listener, err error) {
	dir, err := runtimeDir("")
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("keyrite-probe-%d", os.Getpid())
	for _, address := range []string{filepath.Join(dir, name), "@" + name} {
		l, err := net.Listen("unix", address)
		if err != nil {
			return listeners, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// outside is a folder that keyrite sees and a module must not, with an entry of it.
type outside struct{ Folder, Entry string }

// outside lists such folders: where keyrite works, its user's, the temporary one.
// An entry that leads to what the module declared is none.
func (m Module) outside() (list []outside) {
	home, _ := os.UserHomeDir()
	here, _ := os.Getwd()
	reach := m.accesses()
	for _, folder := range []string{here, home, os.TempDir()} {
		entries, _ := os.ReadDir(folder)
		hidden := func(entry os.DirEntry) bool {
			path := filepath.Join(folder, entry.Name())
			return !slices.ContainsFunc(reach, func(a access) bool { return below(a.real, []string{path}) || below(path, []string{a.real}) })
		}
		if i := slices.IndexFunc(entries, hidden); i >= 0 {
			list = append(list, outside{folder, filepath.Join(folder, entries[i].Name())})
		}
	}
	return list
}

// why says why doors are open: the measures that could hold them and do not, and
// how old the kernel is.
func (p *process) why() string {
	text := fmt.Sprintf("; Landlock of this kernel has ABI %d", landlockABI())
	for _, measure := range p.protections {
		if !measure.Active && (measure.Name == protectsFiles || measure.Name == protectsRoot) {
			text += fmt.Sprintf("; no %s: %s", measure.Name, measure.Detail)
		}
	}
	return text
}

// foreignDoors are calls of other architectures. A filter that sees them kills.
var foreignDoors = []string{"32-bit system calls", "x32 system calls"}

// probeForeign tries one of them in a helper of its own.
func probeForeign(ctx context.Context, m Module, name string) (Door, error) {
	p, err := startLocked(ctx, m, "")
	if err != nil {
		return Door{}, err
	}
	defer p.close()
	met, err := call[string](ctx, p, m.timeout(), "foreign", name, nil)
	if err == nil {
		return Door{Name: name, Held: met != "", Detail: met}, nil
	}
	if !errors.Is(err, ErrCrashed) {
		return Door{}, err
	}
	status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch status.Signal() {
	case unix.SIGSYS:
		return Door{Name: name, Held: true, Detail: "the process is stopped"}, nil
	case unix.SIGSEGV:
		return Door{Name: name, Held: true, Detail: "this kernel has none"}, nil
	}
	return Door{}, err
}

// memoryDoor says whether other processes can look into helpers.
func memoryDoor(protections []Protection) Door {
	d := Door{Name: "memory, read by other processes of this user"}
	if os.Geteuid() == 0 {
		d.Detail = "keyrite runs as root, and root may look at everything; run it as another user"
		return d
	}
	for _, p := range protections {
		if p.Name == MemoryHidden {
			d.Held, d.Detail = p.Active, p.Detail
		}
	}
	return d
}
