// Which namespaces a helper is started in: of mounts, for a root of its own, without
// a network, and for who is not root of users, which gives the right to the others.

package hsm

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// namespaces are those that a helper was started in.
type namespaces struct {
	Own   bool   `json:"own"`   // of mounts
	Users bool   `json:"users"` // of users
	Net   bool   `json:"net"`   // without a network
	Why   string `json:"why"`   // why not
}

// namespaces lists what a helper for the module may be started in, the best first.
// In a user namespace that maps no user the helper cannot say who it is, and D-Bus
// asks.
func (m Module) namespaces() (list []namespaces) {
	net := len(m.Network) == 0
	if os.Geteuid() == 0 {
		list = append(list, namespaces{Own: true, Net: net})
	}
	if m.speaksDBus() {
		return append(list, namespaces{Why: "D-Bus wants to know the user; run as root to have both"})
	}
	return append(list, namespaces{Own: true, Users: true, Net: net}, namespaces{Why: "not allowed here"})
}

// attributes start a process in these namespaces and a session of its own. In a
// user namespace it keeps the capability that mounting wants, until it drops it.
func (n namespaces) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if n.Own {
		attr.Cloneflags |= unix.CLONE_NEWNS
	}
	if n.Net {
		attr.Cloneflags |= unix.CLONE_NEWNET
	}
	if n.Users {
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	}
	return attr
}
