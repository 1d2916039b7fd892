package preflight

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Line is one thing that makes a machine fit for a ceremony, or not.
type Line struct {
	What   string `json:"what"`
	Pass   bool   `json:"pass"`
	Detail string `json:"detail"`
}

// Look looks at this machine: what protects the process, the air gap, swap,
// the clock, the modules and the tokens of site.yaml.
func Look(ctx context.Context, ws *workspace.Workspace, now time.Time, protections []hsm.Protection) ([]Line, error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	p := &preflight{}
	p.own()
	for _, measure := range protections {
		p.add(measure.Name, measure.Active, "%s", measure.Detail)
	}
	p.airGap("/sys/class/net", "/proc/net/route")
	p.swap("/proc/swaps")
	if err := p.clock(ws, now); err != nil {
		return nil, err
	}
	for _, name := range site.ModuleNames() {
		module, err := site.Module(name)
		if err != nil {
			return nil, err
		}
		p.module(module)
		p.doors(ctx, module)
	}
	for _, name := range site.TokenNames() {
		token, err := site.Token(name)
		if err != nil {
			return nil, err
		}
		p.token(ctx, token)
	}
	return p.lines, nil
}

// Failed is an error that names the lines that did not pass, nil when
// all did.
func Failed(lines []Line) error {
	var failed []string
	for _, l := range lines {
		if !l.Pass {
			failed = append(failed, l.What)
		}
	}
	if failed == nil {
		return nil
	}
	return fault.Errorf(fault.Failed, "this machine is not fit for a ceremony: %s", strings.Join(failed, "; "))
}

type preflight struct{ lines []Line }

func (p *preflight) add(what string, pass bool, format string, args ...any) {
	p.lines = append(p.lines, Line{what, pass, fmt.Sprintf(format, args...)})
}

// own hashes this program, to be compared with the value on paper.
func (p *preflight) own() {
	program, err := hsm.OpenProgram()
	if err != nil {
		p.add("keyrite itself", false, "%v", err)
		return
	}
	defer program.Close()
	sum, err := hashAll(program)
	if err != nil {
		p.add("keyrite itself", false, "%v", err)
		return
	}
	p.add("keyrite itself", true, "SHA-256 %x; compare it with the value on paper", sum)
}

func hashOf(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return hashAll(file)
}

func hashAll(from io.Reader) ([]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, from)
	return h.Sum(nil), err
}

// airGap looks for interfaces that are up, loopback apart, and for routes.
func (p *preflight) airGap(interfaces, routes string) {
	links, err := os.ReadDir(interfaces)
	var up []string
	for _, link := range links {
		state, readErr := os.ReadFile(filepath.Join(interfaces, link.Name(), "operstate"))
		if link.Name() != "lo" && (readErr != nil || strings.TrimSpace(string(state)) != "down") {
			up = append(up, link.Name())
		}
	}
	switch {
	case err != nil:
		p.add("no network interface is up", false, "%v", err)
	default:
		p.add("no network interface is up", up == nil, "%s", words.List(up))
	}
	table, err := os.ReadFile(routes)
	p.add("no route", err == nil && strings.Count(strings.TrimSpace(string(table)), "\n") == 0, "%s", routes)
}

func (p *preflight) swap(name string) {
	table, err := os.ReadFile(name)
	p.add("swap is off", err == nil && strings.Count(strings.TrimSpace(string(table)), "\n") == 0, "%s", name)
}

// clock holds the clock against the newest file that says when it was made.
// Whether it is right, only people can tell.
func (p *preflight) clock(ws *workspace.Workspace, now time.Time) error {
	records, err := ws.Keys()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var newest time.Time
	for _, r := range records {
		if r.Created.After(newest) {
			newest = r.Created
		}
	}
	p.add("the clock", !now.Before(newest), "%s UTC; compare it with a watch", now.UTC().Format(time.DateTime))
	return nil
}

// module compares a module's file with its pinned hash.
func (p *preflight) module(m hsm.Module) {
	what := "module " + m.Name
	sum, err := hashOf(m.Path)
	got := fmt.Sprintf("%x", sum)
	switch {
	case err != nil:
		p.add(what, false, "%v", err)
	case m.SHA256 == "":
		p.add(what, false, "not pinned; if %s is its vendor's value, set modules.%s.sha256 in site.yaml", got, m.Name)
	default:
		p.add(what, got == m.SHA256, "SHA-256 %s, want %s", got, m.SHA256)
	}
}

// doors tries each way out of the helper of a module, from inside.
func (p *preflight) doors(ctx context.Context, m hsm.Module) {
	what := "helper of module " + m.Name
	doors, err := hsm.Probe(ctx, m)
	if err != nil {
		p.add(what, false, "%v", err)
		return
	}
	for _, d := range doors {
		state := "held"
		if !d.Held {
			state = "open"
		}
		p.add(fmt.Sprintf("%s, %s: %s", what, d.Name, state), d.Held, "%s", d.Detail)
	}
}

// token opens a token without logging in.
func (p *preflight) token(ctx context.Context, t workspace.SiteToken) {
	what := "token " + t.Name
	token, err := hsm.Open(ctx, t.Module, t.URI)
	if err != nil {
		p.add(what, false, "%v", err)
		return
	}
	defer token.Close()
	info := token.Info()
	fit := slices.Contains([]hsm.PINState{hsm.PINOK, hsm.PINCountLow}, info.UserPIN)
	p.add(what, fit, "label %s, serial %s, %s, firmware %s, %s", info.Label, info.Serial, info.Model, info.Firmware, stateOf(info))
}

// stateOf says what the token shows of its user PIN, and whether it takes keys. Some
// show that no PIN was set when one was: that alone is no reason.
func stateOf(info hsm.TokenInfo) string {
	state := fmt.Sprintf("user PIN %s", info.UserPIN)
	switch {
	case !info.LoginRequired:
		state = "wants no PIN"
	case !info.UserPINSet:
		state += ", and the token does not show that one was set"
	}
	if info.WriteProtected {
		state += "; write-protected: it may neither make nor destroy keys"
	}
	return state
}
