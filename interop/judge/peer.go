package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/uptane/keyrite/interop/generate"
	"github.com/uptane/keyrite/roles"
)

// peer is a client that judges repositories. Its driver takes the arguments
// ROOT BASE STATE TARGET… and prints ACCEPT or `REJECT: reason`.
type peer struct {
	name   string
	format roles.Format // nil for both
	web    bool         // BASE is a URL, not a folder
	direct bool         // it finds no delegated images, so it is not asked for them
	server bool         // it validates uploads and is not asked what only a client tells
	driver []string     // command, in the folder interop
	tool   string       // the toolchain that makes or runs it
	build  string       // shell command that makes it, in the folder interop
	lock   string       // file that pins its version
	pinned string       // expression whose group is the version in that file
}

// version is the one that the peer's lock file pins.
func (p peer) version(interop string) (string, error) {
	if p.lock == "" {
		return "", nil
	}
	text, err := os.ReadFile(filepath.Join(interop, p.lock))
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(p.pinned).FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s: no version of %s", p.lock, p.name)
	}
	return string(found[1]), nil
}

var errNoTool = errors.New("the toolchain is missing")

// make builds the driver. The error says shortly why the peer cannot take part;
// what the build printed goes to stderr.
func (p peer) make(interop string) error {
	if _, err := exec.LookPath(p.tool); err != nil {
		return fmt.Errorf("%s: %w", p.tool, errNoTool)
	}
	cmd := exec.Command("sh", "-c", p.build)
	cmd.Dir = interop
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("`%s` fails: %w", p.build, err)
	}
	return nil
}

// verdict is what a client says of a repository.
type verdict struct {
	accepts bool
	reason  string // of a refusal
}

func (v verdict) word() string {
	if v.accepts {
		return "accepts"
	}
	return "refuses"
}

func (p peer) reads(f roles.Format) bool { return p.format == nil || p.format == f }

// judges says whether a case is one for the peer.
func (p peer) judges(c generate.Case) bool {
	return p.reads(c.Profile.Format) && !(p.direct && c.Delegation) && !(p.server && c.ClientOnly)
}

// images are those that the peer is asked for.
func (p peer) images(c generate.Case) []string {
	if p.direct {
		return c.Profile.Paths()[:1]
	}
	return c.Profile.Paths()
}

// run has the driver judge one repository. An error is the driver's own
// failure, which is no verdict.
func (p peer) run(ctx context.Context, interop, root, base, state string, targets []string) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	args := append(append(append([]string{}, p.driver[1:]...), root, base, state), targets...)
	cmd := exec.CommandContext(ctx, p.driver[0], args...)
	cmd.Dir = interop
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return verdict{}, fmt.Errorf("%s: %w: %s", p.name, err, lastLine(exit.Stderr))
	}
	if err != nil {
		return verdict{}, err
	}
	line := lastLine(out)
	if reason, refused := strings.CutPrefix(line, "REJECT: "); refused {
		return verdict{reason: reason}, nil
	}
	if line != "ACCEPT" {
		return verdict{}, fmt.Errorf("%s: got %q, want ACCEPT or REJECT", p.name, line)
	}
	return verdict{accepts: true}, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
