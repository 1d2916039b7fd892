package preflight

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"golang.org/x/sys/unix"
)

func TestAirGap(t *testing.T) {
	const header = "Iface\tDestination\n"
	for _, tt := range []struct {
		name       string
		interfaces map[string]string // operstate
		routes     string
		up         string // empty: none
		route      string // empty: none
	}{
		{"air gap", map[string]string{"lo": "unknown\n", "eth0": "down\n"}, header, "", ""},
		{"cable", map[string]string{"lo": "unknown\n", "eth0": "up\n"}, header, "eth0", ""},
		{"tunnel", map[string]string{"tun0": "unknown\n"}, header, "tun0", ""},
		{"route", map[string]string{"eth0": "down\n"}, header + "eth0\t00000000\n", "", "eth0"},
		{"nothing known of an interface", map[string]string{"eth0": ""}, header, "eth0", ""},
	} {
		dir := t.TempDir()
		for name, state := range tt.interfaces {
			ceremonytest.MakeDir(t, dir, "net", name)
			if state != "" {
				write(t, filepath.Join(dir, "net", name, "operstate"), state)
			}
		}
		routes := filepath.Join(dir, "route")
		write(t, routes, tt.routes)
		r := &Report{}
		r.airGap(filepath.Join(dir, "net"), routes)
		if tt.route == "" {
			r.wantLine(t, transcript.Pass, CheckRoute, "no route leads out")
		} else {
			r.wantLine(t, transcript.Fail, CheckRoute, "a route leads out over "+tt.route)
		}
		if tt.up == "" {
			r.wantLine(t, transcript.Pass, CheckNetwork, "no network interface is up")
		} else {
			r.wantLine(t, transcript.Fail, CheckNetwork, "network interface "+tt.up+" is up")
		}
	}
	r := &Report{}
	r.airGap("/nowhere", "/nowhere")
	r.wantLine(t, transcript.Fail, CheckRoute, "routes cannot be listed")
	r.wantLine(t, transcript.Fail, CheckNetwork, "no such file")
}

// TestSwap fails where swap is on or nothing is known of it. Memory that is not locked
// matters then, and not else.
func TestSwap(t *testing.T) {
	name := filepath.Join(t.TempDir(), "swaps")
	unlocked := hsm.Protection{Name: hsm.MemoryLocked, Detail: "too low"}
	for _, tt := range []struct {
		table         string
		verdict, lock transcript.Verdict
		text          string
	}{
		{"", transcript.Fail, transcript.Fail, "no such file"},
		{"Filename\tType\n", transcript.Pass, transcript.Warn, "swap is off"},
		{"Filename\tType\n/dev/sda2\tpartition\n", transcript.Fail, transcript.Fail, "swap is on: /dev/sda2"},
	} {
		if tt.table != "" {
			write(t, name, tt.table)
		}
		r := &Report{}
		r.protection(unlocked, swapIsOff(name))
		r.swap(name)
		r.wantLine(t, tt.verdict, CheckSwap, tt.text)
		r.wantLine(t, tt.lock, CheckMemoryLock, "the memory of keyrite may get into swap")
	}
	r := &Report{}
	r.protection(hsm.Protection{Name: hsm.MemoryLocked, Active: true}, false)
	r.wantLine(t, transcript.Pass, CheckMemoryLock, "stays out of swap")
	r.protection(hsm.Protection{Name: "something new", Detail: "why"}, true)
	r.wantLine(t, transcript.Fail, CheckMemory, "not in force: something new: why")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestModule compares the file with the value that is pinned; one that is not
// pinned is not fit, and may be waived, which another file may not.
func TestModule(t *testing.T) {
	name := filepath.Join(t.TempDir(), "module.so")
	write(t, name, "code")
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("code")))
	r := &Report{}
	r.module(hsm.Module{Name: "m", Path: name, SHA256: sum})
	r.wantLine(t, transcript.Pass, CheckModule, sum)
	r.module(hsm.Module{Name: "m", Path: name, SHA256: strings.Repeat("0", 64)})
	r.wantLine(t, transcript.Fail, CheckModule, "got SHA-256 "+sum+", want 00")
	r.module(hsm.Module{Name: "m", Path: name})
	r.wantLine(t, transcript.Fail, CheckModulePin, "set modules.m.sha256 in site.yaml: "+sum)
	r.module(hsm.Module{Name: "m", Path: "/nowhere.so"})
	r.wantLine(t, transcript.Fail, CheckModule, "no such file")
}

func TestBuild(t *testing.T) {
	r := &Report{}
	r.own("0.1.0 abc, modified")
	r.wantLine(t, transcript.Warn, CheckBuild, "built from source that was changed after that commit")
	r.own("0.1.0 abc")
	r.wantLine(t, transcript.Pass, CheckBuild, r.Program.String())
}

func TestFolder(t *testing.T) {
	r := &Report{}
	r.folder(t.TempDir())
	r.wantLine(t, transcript.Pass, CheckFolder, "MiB of room left")
	r.folder("/nowhere")
	r.wantLine(t, transcript.Fail, CheckFolder, "results cannot be written to /nowhere")
	r.space("/stick", unix.Statfs_t{Bsize: 4096, Blocks: 1 << 20, Bavail: 100})
	r.wantLine(t, transcript.Fail, CheckFolder, "/stick has 0 MiB of room left, want 64 MiB")
	r.space("/stick", unix.Statfs_t{Bsize: 4096})
	r.wantLine(t, transcript.Warn, CheckFolder, "does not tell how much room is left")
}

func TestTerminal(t *testing.T) {
	for size, verdict := range map[Size]transcript.Verdict{{80, 24}: transcript.Pass, {200, 60}: transcript.Pass, {79, 24}: transcript.Warn, {80, 23}: transcript.Warn, {}: transcript.Warn} {
		r := &Report{}
		r.terminal(&size)
		r.wantLine(t, verdict, CheckTerminal, "the terminal ")
	}
	r := &Report{}
	if r.terminal(nil); r.Lines != nil {
		t.Errorf("without a terminal: %v", r.Lines)
	}
}
