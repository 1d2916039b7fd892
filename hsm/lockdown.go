// How a helper locks itself in before any of the module's code runs. The order
// matters: a new root needs capabilities, giving them up reads /proc, Landlock would
// forbid the mounts, and the filter forbids all of these.

package hsm

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// lockArgs is what keyrite tells a helper before it may load its module.
type lockArgs struct {
	Module     Module            `json:"module"`
	Variables  map[string]string `json:"variables"`
	Namespaces namespaces        `json:"namespaces"`
	Skeleton   string            `json:"skeleton"` // a folder for newRoot, "" where there is none
}

// lock takes the module's bytes, then takes away from this process what the module
// does not need. It fails where the filter cannot be had; whatever else is missing
// is in the list.
func (h *helper) lock(args lockArgs, _ []byte) ([]Protection, error) {
	if h.locked {
		return nil, faultf(ErrUsage, "helper: locked already")
	}
	m := args.Module
	protections := append(Harden(), Protection{Name: "session of its own", Active: true})
	if err := m.CheckNeeds(); err != nil {
		return nil, err
	}
	if m.Path != "" {
		var err error
		if h.bytes, err = m.seal(); err != nil {
			return nil, err
		}
	}
	more, err := m.lockIn(args)
	if err != nil {
		return nil, faultf(ErrModule, "the helper cannot be locked in: %v", err)
	}
	h.locked, h.asked = true, m
	return append(protections, more...), setVariables(args.Variables)
}

// lockIn is lock, from where the module's bytes are at hand.
func (m Module) lockIn(args lockArgs) ([]Protection, error) {
	unix.Umask(0o077)
	list := []Protection{protection("bounds of memory and files", limit(args.Namespaces.Users))}
	paths := m.accesses()
	rootErr := m.enterRoot(args, paths)
	list = append(list, protection(protectsRoot, rootErr), m.network(args.Namespaces))
	list = append(list, protection("capabilities dropped", dropPrivileges()))
	abi, err := restrictAccess(paths, m.ports())
	list = append(list, filesProtection(abi, err))
	if err := m.restrictCalls(abi); err != nil {
		return nil, fmt.Errorf("system calls: %w", err)
	}
	return append(list, Protection{Name: "system calls restricted (seccomp)", Active: true}), nil
}

// enterRoot is newRoot, where the helper has mounts of its own.
func (m Module) enterRoot(args lockArgs, paths []access) error {
	switch {
	case !args.Namespaces.Own:
		return errors.New(args.Namespaces.Why)
	case args.Skeleton == "":
		return errors.New("no folder to build it in")
	}
	// The module is loaded through /proc/self, and psx lists threads through /proc/PID;
	// Landlock lets it open no more there.
	paths = append(slices.Clone(paths), access{path: "/proc/self"}, access{path: fmt.Sprint("/proc/", os.Getpid())})
	return newRoot(args.Skeleton, paths, !args.Namespaces.Users)
}

// network says how the helper is kept from the network.
func (m Module) network(n namespaces) Protection {
	const name = "network refused"
	switch {
	case len(m.Network) > 0:
		return Protection{Name: name, Detail: fmt.Sprintf("allowed for this module in site.yaml: TCP to the ports of %q, on any host", m.Network)}
	case n.Net:
		return Protection{Name: name, Active: true}
	}
	return Protection{Name: name, Active: true, Detail: "by the filter alone; no namespace: " + n.Why}
}

// filesProtection says what this kernel's Landlock leaves open.
func filesProtection(abi int, err error) Protection {
	p := protection(protectsFiles, err)
	if err == nil && abi < 6 {
		p.Detail = fmt.Sprintf("ABI %d of this kernel; signals and abstract sockets are covered since 6", abi)
	}
	return p
}
