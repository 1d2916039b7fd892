// No network for keyrite itself, where no module in site.yaml needs one. Helpers
// have a much stricter filter of their own.

package hsm

import "golang.org/x/sys/unix"

// DenyNetwork takes the network away from this process and every process that it
// starts from now on: socket(2) fails with EACCES for everything but Unix sockets
// and netlink, both of which stay on this machine. io_uring could open sockets
// behind the filter's back. It cannot be undone.
func DenyNetwork() []Protection {
	socket := func(family uint32) rule { return rule{unix.SYS_SOCKET, []condition{isInt(0, family)}, allow} }
	return []Protection{protection(NetworkRefused, install([]rule{
		socket(unix.AF_UNIX),
		socket(unix.AF_NETLINK),
		{unix.SYS_SOCKET, nil, refuse(unix.EACCES)},
		{unix.SYS_IO_URING_SETUP, nil, refuse(unix.EACCES)},
	}, allow))}
}
