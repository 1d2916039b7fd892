// What a module needs of the machine: little for every module, and beyond that what
// site.yaml declares. The helper gets exactly this.

package hsm

import (
	"cmp"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// access is a path and what may be done there and below.
type access struct {
	path   string
	real   string // where its links lead
	rights uint64 // of Landlock
}

func (a access) writable() bool { return a.rights&unix.LANDLOCK_ACCESS_FS_WRITE_FILE != 0 }

// readByAll are what every module may read: the libraries of the system, which
// only root writes to, and what they look at. Not all are there on every machine.
var readByAll = []string{
	"/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
	"/etc/ssl/openssl.cnf", "/etc/crypto-policies", "/dev/random", "/dev/urandom", "/proc/sys/crypto",
}

// readByNetworked are what finding a host by its name reads.
var readByNetworked = []string{"/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/services"}

// accesses lists what the module may reach, those above before those below. Paths
// that are not there are left out.
func (m Module) accesses() (list []access) {
	add := func(rights uint64, paths ...string) {
		for _, path := range paths {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				list = append(list, access{path, real, rights})
			}
		}
	}
	add(rightsRead|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, "/dev/null")
	add(rightsRead, readByAll...)
	if len(m.Network) > 0 {
		add(rightsRead, readByNetworked...)
	}
	add(rightsRead, m.Reads...)
	add(rightsRead, m.envFiles()...)
	add(rightsConnect, m.Connects...)
	add(rightsWrite, m.State...)
	slices.SortStableFunc(list, func(a, b access) int { return cmp.Compare(a.real, b.real) })
	return list
}

// resolved is where a path leads.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// envFiles are the files that the module's variables name, such as SOFTHSM2_CONF:
// to name one is to let the module read it. Folders are for State and Reads, and
// what lies in State may be written as all of it may.
func (m Module) envFiles() (files []string) {
	for _, value := range m.Env {
		if info, err := os.Stat(value); filepath.IsAbs(value) && err == nil && info.Mode().IsRegular() && !m.isState(value) {
			files = append(files, value)
		}
	}
	return files
}

func (m Module) isState(path string) bool {
	return slices.ContainsFunc(m.State, func(folder string) bool {
		return strings.HasPrefix(resolved(path)+"/", resolved(folder)+"/")
	})
}

// ports are the TCP ports of Network.
func (m Module) ports() (ports []uint16) {
	for _, address := range m.Network {
		if _, port, err := net.SplitHostPort(address); err == nil {
			if n, err := strconv.ParseUint(port, 10, 16); err == nil {
				ports = append(ports, uint16(n))
			}
		}
	}
	return ports
}

// CheckNeeds refuses a declaration that would open more than it says: the parser
// of site.yaml calls it, and so does every start of a helper. The error begins with
// the field, such as "state: …".
func (m Module) CheckNeeds() error {
	for _, field := range []struct {
		name  string
		paths []string
	}{{"state", m.State}, {"reads", m.Reads}, {"connects", m.Connects}} {
		for _, path := range field.paths {
			if !filepath.IsAbs(path) || filepath.Clean(path) != path || strings.Contains(path, "\x00") {
				return faultf(ErrModule, "%s: got %q, want a clean absolute path", field.name, path)
			}
			if slices.Contains(tooMuch, path) || slices.Contains(tooMuch, resolved(path)) {
				return faultf(ErrModule, "%s: %s is too much; name what the module needs below it", field.name, path)
			}
		}
	}
	for _, address := range m.Network {
		host, port, err := net.SplitHostPort(address)
		if n, parseErr := strconv.ParseUint(port, 10, 16); err != nil || parseErr != nil || host == "" || n == 0 {
			return faultf(ErrModule, "network: got %q, want host:port", address)
		}
	}
	for name, value := range m.Env {
		if err := CheckEnv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// tooMuch are folders that hold other people's files, or the machine itself.
var tooMuch = []string{"/", "/boot", "/dev", "/etc", "/home", "/proc", "/root", "/run", "/sys", "/tmp", "/usr", "/var", "/var/lib", "/var/tmp"}

// speaksDBus reports whether the module's service is reached over D-Bus.
func (m Module) speaksDBus() bool {
	_, session := m.Env["DBUS_SESSION_BUS_ADDRESS"]
	return session || slices.ContainsFunc(m.Connects, func(path string) bool { return strings.Contains(filepath.Base(path), "bus") })
}
