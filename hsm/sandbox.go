// No network once the module is loaded: Landlock refuses TCP, seccomp every
// socket that could leave the machine. Both are inherited and cannot be undone,
// so that a module which was replaced or exploited cannot send a PIN anywhere.

package hsm

import (
	"github.com/elastic/go-seccomp-bpf"
	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// DenyNetwork takes the network away from this process and every process that
// it starts from now on. A helper does it by itself unless its module is a
// network HSM; keyrite may do it where no module in site.yaml is one.
func DenyNetwork() []Protection {
	return []Protection{
		protection("network refused (landlock)", landlock.V4.RestrictNet()),
		protection("network refused (seccomp)", refuseSockets()),
	}
}

// refuseSockets makes socket(2) fail with EACCES for everything but Unix sockets
// (pkcsslotd, pcscd, D-Bus) and netlink (libusb), both of which stay on this
// machine. io_uring could open sockets behind the filter's back.
func refuseSockets() error {
	refused := seccomp.ActionErrno | seccomp.Action(unix.EACCES)
	local := func(family uint64) seccomp.Condition {
		return seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: family}
	}
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync, // every thread, those of the module included
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls: []seccomp.SyscallGroup{
				{Action: refused, Names: []string{"io_uring_setup"}},
				{Action: refused, NamesWithCondtions: []seccomp.NameWithConditions{
					{Name: "socket", Conditions: seccomp.ArgumentConditions{local(unix.AF_UNIX), local(unix.AF_NETLINK)}},
				}},
			},
		},
	})
}
