package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/roles"
	"github.com/uptane/keyrite/scripts/runbooks"
)

// TestRunbooks does what each runbook says, as it stands: every command of a console
// block, with people at the terminal who answer what is asked; every edit of a diff
// block. What a command is to show must show, in that order. A runbook begins where the
// first root's ends, and ends with a verification from root 1.
func TestRunbooks(t *testing.T) {
	base := newStage(t)
	base.perform("first-root")
	if t.Failed() {
		return
	}
	base.leave("first-root")
	for _, name := range runbooks.Names() {
		if name != "first-root" {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := base.copy(t)
				if m := begins.FindStringSubmatch(s.text(name)); m != nil {
					s.perform(m[1])
				}
				s.perform(name)
				s.leave(name)
			})
		}
	}
}

// begins is where a runbook says that it begins where another one ends.
var begins = regexp.MustCompile(`(?m)^Begins where \[([a-z-]+)\]`)

// stage is where a runbook is performed.
type stage struct {
	typist
	top  string   // has images/, service/ and acme/ of others, and the workspace
	last string   // what the last command showed
	came []string // last names of those who came to the last ceremony
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{typist: typist{t: t, dir: t.TempDir(), paper: paper{}}}
	s.top = s.dir
	s.supply("images/gateway.bin", "firmware of a gateway, 1")
	s.supply("images/dash.bin", "firmware of a dashboard, 1")
	ceremonytest.MakeDir(t, s.top, "service")
	ceremonytest.MakeDir(t, s.top, "acme")
	for _, key := range []string{"director-targets", "director-snapshot", "director-timestamp", "director-targets-2", "director-snapshot-2", "director-timestamp-2"} {
		s.must(writePEM(filepath.Join(s.top, "service", key+".pem"), key))
	}
	for _, key := range []string{"acme-1", "acme-2", "acme-3", "acme-4", "bolt-1", "bolt-2"} {
		s.must(writePEM(filepath.Join(s.top, "acme", key+".pem"), key))
	}
	expires := time.Now().AddDate(0, 0, 80).UTC().Truncate(time.Second)
	for role, key := range map[string]string{"acme-brakes": "acme-1", "acme-brakes-2": "acme-3", "bolt-brakes": "bolt-1"} {
		file := ceremonytest.SuppliedImages(t, roles.TUF, 1, expires, []string{"acme-brakes/abs-3.0.1.bin"}, key)
		if role == "bolt-brakes" {
			file = ceremonytest.SuppliedImages(t, roles.TUF, 1, expires, []string{"bolt-brakes/abs-1.bin"}, key)
		}
		s.supply("acme/1."+role+".json", file)
	}
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// supply puts a file of others in its place.
func (s *stage) supply(name, text string) {
	s.t.Helper()
	ceremonytest.MakeDir(s.t, s.top, filepath.Dir(name))
	s.must(os.WriteFile(filepath.Join(s.top, name), []byte(text), 0o600))
}

// copy is the same stage in another folder.
func (s *stage) copy(t *testing.T) *stage {
	t.Helper()
	c := &stage{typist: typist{t: t, paper: paper{}}, top: t.TempDir(), came: s.came}
	c.must(os.CopyFS(c.top, os.DirFS(s.top)))
	c.dir = filepath.Join(c.top, "roadster")
	c.must(edit(filepath.Join(c.dir, "hsm", "softhsm2.conf"), s.top, c.top))
	c.must(os.Chmod(filepath.Join(c.dir, "hsm"), 0o700))
	return c
}

var (
	fence     = regexp.MustCompile("(?ms)^```(console|diff)(?: (\\S+))?\n(.*?)^```$")
	wantsCode = regexp.MustCompile(` +# exit (\d+)$`)
	powerCut  = regexp.MustCompile(` +# power fails at: (.+)$`)
	sections  = []string{"# ", "**When** ", "**Bring** ", "**At stake** ", "## Do\n", "## Check\n", "## If it fails\n"}
)

func (s *stage) text(name string) string {
	s.t.Helper()
	text, found := runbooks.Text(name)
	if !found {
		s.t.Fatalf("there is no runbook %s", name)
	}
	return text
}

// perform does what a runbook says.
func (s *stage) perform(name string) {
	s.t.Helper()
	text := s.text(name)
	for at, section := 0, 0; section < len(sections); section++ {
		i := strings.Index(text[at:], sections[section])
		if i < 0 {
			s.t.Fatalf("%s: it lacks %q, in the order %q", name, sections[section], sections)
		}
		at += i
	}
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		if block[1] == "diff" {
			s.edit(block[2], block[3])
		} else {
			s.console(block[3])
		}
	}
	if !regexp.MustCompile(`(?m)^verified`).MatchString(s.last) || !strings.Contains(text, "/metadata/1.root.json") {
		s.t.Errorf("%s does not end with a verification from root 1", name)
	}
}

// edit changes a file of the workspace as an editor would: lines with - become those
// with +, beside those with a blank.
func (s *stage) edit(file, diff string) {
	s.t.Helper()
	var old, new string
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			old += line[1:]
		}
		if line[0] != '-' {
			new += line[1:]
		}
	}
	name := filepath.Join(s.dir, file)
	data, err := os.ReadFile(name)
	s.must(err)
	text := "\n" + string(data)
	if n := strings.Count(text, "\n"+old); n != 1 {
		s.t.Fatalf("%s has these lines %d times, want once:\n%s", file, n, old)
	}
	s.must(os.WriteFile(name, []byte(strings.Replace(text, "\n"+old, "\n"+new, 1)[1:]), 0o644))
}

// console types the commands of a block, and looks for what they are to show.
func (s *stage) console(block string) {
	s.t.Helper()
	rest := []string{}
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(line, "\n")
		command, is := strings.CutPrefix(line, "$ ")
		switch {
		case is:
			rest = s.command(command)
		case strings.TrimSpace(line) != "…":
			rest = s.shows(rest, line)
		}
	}
}

// command types one line, and returns what it shows.
func (s *stage) command(line string) (shown []string) {
	s.t.Helper()
	want := 0
	if m := wantsCode.FindStringSubmatch(line); m != nil {
		want, _ = strconv.Atoi(m[1])
		line = strings.TrimSuffix(line, m[0])
	}
	cut := powerCut.FindStringSubmatch(line)
	if dir, is := strings.CutPrefix(line, "cd "); is {
		s.dir = filepath.Join(s.dir, dir)
		return nil
	}
	s.names = nil
	shell := exec.Command("bash", "-c", line)
	shell.Dir, shell.Env = s.dir, append(os.Environ(), "KEYRITE_PLAIN=1", "TERM=dumb", "XDG_RUNTIME_DIR="+s.top)
	screen, code, err := converseAs(shell, nil, s.paper, func(fresh, screen string) (string, bool) {
		if cut != nil && strings.Contains(fresh, "To "+cut[1]) {
			syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) // a terminal's session is a group
			return "", true
		}
		if clockQuestion.MatchString(fresh) && s.names == nil {
			s.names = s.came // who only said that they are still here
		}
		typed, ok := s.answer(fresh, screen)
		return typed + "\n", ok
	})
	if s.names != nil {
		s.came = s.names
	}
	if cut != nil {
		want = -1
	}
	s.last = strings.ReplaceAll(screen, "\r", "")
	if err != nil || code != want {
		s.t.Fatalf("$ %s\nexit code %d, want %d, %v\n%s", line, code, want, err, s.last)
	}
	if hashes := hashLine.FindAllStringSubmatch(s.last, -1); len(hashes) == 2 {
		s.paper["plan"], s.paper["room"] = hashes[0][1], hashes[1][1]
	} else if len(hashes) == 1 && strings.HasPrefix(line, "keyrite kit ") {
		s.paper["kit"] = hashes[0][1]
	}
	return strings.Split(s.last, "\n")
}

// shows finds a line among those that a command shows, and returns those after it. In
// the line, … stands for anything.
func (s *stage) shows(lines []string, want string) []string {
	s.t.Helper()
	pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + "$")
	for i, line := range lines {
		if pattern.MatchString(line) {
			return lines[i+1:]
		}
	}
	s.t.Errorf("it does not show %q; it showed\n%s", want, s.last)
	return lines
}

// TestSituations has a runbook for each situation that a fleet meets.
func TestSituations(t *testing.T) {
	situations := []string{
		"all-keys-replaced", "director-keys-stolen", "drill", "emergency-kit", "fast-forward", "first-root", "handover", "image-root-unseen", "key-type-changed",
		"lost-token", "machine-died", "officer-replaced", "partial-verification", "restore-from-backup", "root-key-stolen", "root-threshold-stolen",
		"signed-again-before-expiry", "software-rollback", "supplier-added", "supplier-key-stolen", "supplier-removed", "supplier-replaced",
		"targets-key-stolen", "targets-keys-rotated", "threshold-changed", "yearly-renewal",
	}
	if got := runbooks.Names(); !slices.Equal(got, situations) {
		t.Errorf("got %q, want %q", got, situations)
	}
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, name := range situations {
		text, _ := runbooks.Text(name)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, found := runbooks.Text(strings.TrimSuffix(m[1], ".md")); !found {
				t.Errorf("%s: there is no runbook %s", name, m[1])
			}
		}
	}
}
