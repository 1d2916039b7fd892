package preflight

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// wantLine demands that the last line says this.
func (p *preflight) wantLine(t *testing.T, what string, pass bool, detail string) {
	t.Helper()
	got := p.lines[len(p.lines)-1]
	if got.What != what || got.Pass != pass || !strings.Contains(got.Detail, detail) {
		t.Errorf("got %+v, want %s %v, %s", got, what, pass, detail)
	}
}

// TestClock holds the clock against the newest record: it cannot be before it.
func TestClock(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	newest := s.Now.Add(time.Hour)
	s.Edit("keys/root-b.yaml", s.Now.Format(time.RFC3339), newest.Format(time.RFC3339))
	for after, pass := range map[time.Duration]bool{-24 * time.Hour: false, -time.Second: false, 0: true, 24 * time.Hour: true} {
		p := &preflight{}
		if err := p.clock(s.Open(), newest.Add(after)); err != nil {
			t.Fatal(err)
		}
		p.wantLine(t, "the clock", pass, newest.Add(after).Format(time.DateTime)+" UTC")
	}
	s.Edit("keys/root-b.yaml", "name: root-b", "name: [")
	if err := new(preflight).clock(s.Open(), newest); err == nil {
		t.Error("a record that cannot be read is passed over")
	}
}

func TestAirGap(t *testing.T) {
	const header = "Iface\tDestination\n"
	for _, tt := range []struct {
		name       string
		interfaces map[string]string // operstate
		routes     string
		up         string // empty: none
		noRoute    bool
	}{
		{"air gap", map[string]string{"lo": "unknown\n", "eth0": "down\n"}, header, "", true},
		{"cable", map[string]string{"lo": "unknown\n", "eth0": "up\n"}, header, "eth0", true},
		{"tunnel", map[string]string{"tun0": "unknown\n"}, header, "tun0", true},
		{"route", map[string]string{"eth0": "down\n"}, header + "eth0\t00000000\n", "", false},
		{"nothing known of an interface", map[string]string{"eth0": ""}, header, "eth0", true},
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
		p := &preflight{}
		p.airGap(filepath.Join(dir, "net"), routes)
		p.wantLine(t, "no route", tt.noRoute, routes)
		p.lines = p.lines[:1]
		p.wantLine(t, "no network interface is up", tt.up == "", tt.up)
	}
	p := &preflight{}
	p.airGap("/nowhere", "/nowhere")
	p.wantLine(t, "no route", false, "")
	p.lines = p.lines[:1]
	p.wantLine(t, "no network interface is up", false, "no such file")
}

func TestSwap(t *testing.T) {
	name := filepath.Join(t.TempDir(), "swaps")
	p := &preflight{}
	p.swap(name)
	p.wantLine(t, "swap is off", false, name)
	write(t, name, "Filename\tType\n")
	p.swap(name)
	p.wantLine(t, "swap is off", true, name)
	write(t, name, "Filename\tType\n/dev/sda2\tpartition\n")
	p.swap(name)
	p.wantLine(t, "swap is off", false, name)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestModule compares the file with the value that is pinned; one that is not
// pinned is not fit.
func TestModule(t *testing.T) {
	name := filepath.Join(t.TempDir(), "module.so")
	write(t, name, "code")
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("code")))
	p := &preflight{}
	p.module(hsm.Module{Name: "m", Path: name, SHA256: sum})
	p.wantLine(t, "module m", true, sum)
	p.module(hsm.Module{Name: "m", Path: name, SHA256: strings.Repeat("0", 64)})
	p.wantLine(t, "module m", false, "SHA-256 "+sum+", want 00")
	p.module(hsm.Module{Name: "m", Path: name})
	p.wantLine(t, "module m", false, "not pinned; if "+sum)
	p.module(hsm.Module{Name: "m", Path: "/nowhere.so"})
	p.wantLine(t, "module m", false, "no such file")
}

// TestLook looks at all of a room.
func TestLook(t *testing.T) {
	ws := ceremonytest.Open(t, ceremonytest.Small(t))
	lines, err := Look(t.Context(), ws, ceremonytest.Now, []hsm.Protection{{Name: "no core dumps", Active: false, Detail: "why"}})
	if err != nil {
		t.Fatal(err)
	}
	pass := map[string]bool{}
	for _, l := range lines {
		pass[l.What] = l.Pass
	}
	for what, want := range map[string]bool{"keyrite itself": true, "no core dumps": false, "the clock": true, "module soft": false, "token all": true} {
		if got, there := pass[what]; !there || got != want {
			t.Errorf("%s: got %v, %v, want %v", what, got, there, want)
		}
	}
	ceremonytest.WantError(t, Failed(lines), fault.Failed, "not fit for a ceremony: ")
	ceremonytest.WantError(t, Failed(lines), fault.Failed, "module soft")
	if err := Failed([]Line{{Pass: true}}); err != nil {
		t.Error(err)
	}
}
