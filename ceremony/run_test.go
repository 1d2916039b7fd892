package ceremony

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

const smallTrust = `version: 1
fleet: small
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: a}
      targets-a: {type: ecdsa-p256, custodian: b}
      snapshot-a: {type: ed25519, custodian: c}
      timestamp-a: {type: ed25519, custodian: d}
    roles:
      root: {keys: [root-a], threshold: 1, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    waivers:
      - {check: ROOT-UNATTENDED, reason: test, person: test}
`

var testNow = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// smallWorkspace is a repository with one key for each role, all on one token
// whose PIN lies in a file.
func smallWorkspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module, err := hsm.NewSoftHSM(mkdir(t, dir, "hsm"))
	if err != nil {
		t.Fatal(err)
	}
	uri := hsmtest.AddToken(t, module, "all")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pin", hsmtest.PIN)
	write(trustFile, smallTrust)
	write(siteFile, fmt.Sprintf(`version: 1
modules:
  soft: {path: %s, env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
tokens:
  all: {module: soft, uri: %q, pin: "file:%s/pin", unattended: [root, targets, snapshot, timestamp]}
keys: {root-a: all, targets-a: all, snapshot-a: all, timestamp-a: all}
`, module.Path, uri, dir))
	mkdir(t, dir, "keys")
	return dir
}

func mkdir(t *testing.T, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// watcher is a Prompter that calls back when a step begins. It has nobody to
// ask.
type watcher struct {
	nobody
	step func(n int)
}

func (w watcher) Say(format string, args ...any) {
	var n, of int
	if _, err := fmt.Sscanf(fmt.Sprintf(format, args...), "step %d of %d:", &n, &of); err == nil && w.step != nil {
		w.step(n)
	}
}

// runPlan runs the newest plan of a workspace without questions.
func runPlan(ctx context.Context, t *testing.T, dir string, step func(int)) error {
	t.Helper()
	ws, plan := newestPlan(t, dir)
	defer ws.Close()
	created, err := time.Parse(time.RFC3339, plan.Created)
	if err != nil {
		t.Fatal(err)
	}
	r := &Run{Workspace: ws, Prompter: watcher{nobody{voice{io.Discard}}, step}, Now: func() time.Time { return created.Add(time.Minute) }, Yes: true}
	return r.Plan(ctx, plan)
}

// newestPlan opens a workspace and reads the plan that was made last.
func newestPlan(t *testing.T, dir string) (*Workspace, *Plan) {
	t.Helper()
	ws, err := OpenWorkspace(dir)
	if err != nil {
		t.Fatal(err)
	}
	plan, _, err := ReadPlan(ws, newestCeremony(t, dir)+"/plan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return ws, plan
}

// newestCeremony is the folder of the ceremony that was planned last.
func newestCeremony(t *testing.T, dir string) string {
	t.Helper()
	return "ceremonies/" + filepath.Base(slices.Max(ceremonies(t, dir)))
}

func ceremonies(t *testing.T, dir string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(dir, "ceremonies/*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// derivePlan makes and writes a plan; each is made an hour after the one before.

func derivePlan(t *testing.T, dir string, renew ...string) *Plan {
	t.Helper()
	ws, err := OpenWorkspace(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	now := testNow.Add(time.Duration(len(ceremonies(t, dir))) * time.Hour)
	plan, err := Derive(ws, PlanRequest{Repository: "image", Reason: "test", Renew: renew, Now: now})
	if err != nil || plan == nil {
		t.Fatal(plan, err)
	}
	if _, _, err := WritePlan(ws, plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

// copyDir copies a workspace with its tokens, whose absolute paths it mends.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"site.yaml", "hsm/softhsm2.conf"} {
		path := filepath.Join(to, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte(from), []byte(to)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(to, "pin"), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// checkFinished demands one result for each step, in order, and nothing left
// to do.
func checkFinished(t *testing.T, dir string, steps int) {
	t.Helper()
	ws, err := OpenWorkspace(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	events, err := ws.ReadTranscript(newestCeremony(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, e := range events {
		if e.Event == EventResult {
			if done++; e.Step != done {
				t.Errorf("result of step %d, want that of step %d", e.Step, done)
			}
		}
	}
	if last := events[len(events)-1].Event; done != steps || last != EventFinished {
		t.Errorf("%d results and then %s, want %d and finished", done, last, steps)
	}
	plan, err := Derive(ws, PlanRequest{Repository: "image", Now: testNow.Add(time.Hour)})
	if err != nil || plan != nil {
		t.Errorf("after the ceremony: plan %v, %v; want nothing to do", plan, err)
	}
}

// TestResume interrupts a ceremony in every step, as a crash does, after it has
// done everything but before the transcript says so. Each time a second run
// finishes it without repeating a finished step.
func TestResume(t *testing.T) {
	dir := smallWorkspace(t)
	resume(t, dir, derivePlan(t, dir))
}

// TestResumeReplace does so where files are replaced under their names.
func TestResumeReplace(t *testing.T) {
	dir := otaWorkspace(t)
	resume(t, dir, derivePlan(t, dir, "root", "targets"))
}

func resume(t *testing.T, dir string, plan *Plan) {
	t.Helper()
	crashed := map[int]string{} // after step n
	err := runPlan(t.Context(), t, dir, func(n int) {
		if n > 1 {
			crashed[n-1] = copyDir(t, dir)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	checkFinished(t, dir, len(plan.Steps))
	for n, copied := range crashed {
		cutLastLine(t, copied)
		if err := runPlan(t.Context(), t, copied, nil); err != nil {
			t.Errorf("crash after step %d (%s): %v", n, plan.Steps[n-1], err)
			continue
		}
		checkFinished(t, copied, len(plan.Steps))
	}
}

// TestInterrupt cancels a run at the beginning of every step.
func TestInterrupt(t *testing.T) {
	dir := smallWorkspace(t)
	plan := derivePlan(t, dir)
	for n := range plan.Steps {
		ctx, cancel := context.WithCancel(t.Context())
		err := runPlan(ctx, t, dir, func(step int) {
			if step == n+1 {
				cancel()
			}
		})
		// A step that asks no token comes to its end.
		if err == nil && n+1 < len(plan.Steps) {
			t.Errorf("interrupted in step %d: no error", n+1)
		}
		cancel()
	}
	if err := runPlan(t.Context(), t, dir, nil); err != nil {
		t.Fatal(err)
	}
	checkFinished(t, dir, len(plan.Steps))
}

// cutLastLine removes the last line of a transcript: the result of a step.
func cutLastLine(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, newestCeremony(t, dir), "transcript.jsonl")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	last := lines[len(lines)-2]
	if !bytes.Contains(last, []byte(`"event":"result"`)) {
		t.Fatalf("last line is %s, want a result", last)
	}
	if err := os.WriteFile(path, data[:len(data)-len(last)], 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestChangedInput changes what a plan was derived from.
func TestChangedInput(t *testing.T) {
	dir := smallWorkspace(t)
	derivePlan(t, dir)
	path := filepath.Join(dir, trustFile)
	if err := os.WriteFile(path, []byte(smallTrust+"# changed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := runPlan(t.Context(), t, dir, nil)
	if CodeOf(err) != Unverified || !strings.Contains(err.Error(), "trust.yaml has changed since the plan was made") {
		t.Errorf("got %v (code %d)", err, CodeOf(err))
	}
	if _, err := os.Stat(filepath.Join(dir, "image")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("metadata after a refused run: %v", err)
	}
}
