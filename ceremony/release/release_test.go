package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// line is a build line: a workspace whose first ceremony was held, and what it builds.
type line struct {
	t   *testing.T
	dir string
	now time.Time
	n   int // bundles

	shown func(screen.Text) // what a release says
}

func newLine(t *testing.T) *line {
	t.Helper()
	l := &line{t: t, dir: ceremonytest.Small(t), now: ceremonytest.Now}
	ceremonytest.Rewrite(t, l.dir, "trust.yaml", func(s string) string {
		return strings.Replace(s, "threshold: 1, expires: 90d}", "threshold: 1, expires: 90d, images: images.yaml}", 1)
	})
	l.write("images.yaml", "version: 1\nimages: []\n")
	ws := ceremonytest.Open(t, l.dir)
	made, err := derive.Make(ws, plan.Request{Repository: "image", Now: l.now})
	if err != nil {
		t.Fatal(err)
	}
	r := run.Run{Room: l.releaser().Room, Inspect: fit, Yes: true, PlanSHA256: made.SHA256, RoomSHA256: made.Room}
	if err := r.Ceremony(t.Context(), made.Plan.Ceremony); err != nil {
		t.Fatal(err)
	}
	return l
}

// copy is the line as it is now, somewhere else.
func (l *line) copy(t *testing.T) *line {
	c := *l
	c.t, c.dir = t, ceremonytest.CopySmall(t, l.dir)
	return &c
}

func (l *line) write(name, text string) {
	l.t.Helper()
	ceremonytest.MakeDir(l.t, filepath.Dir(filepath.Join(l.dir, name)))
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// watcher has nobody to ask, and hears what is said.
type watcher struct {
	prompt.Prompter
	l *line
}

func (w watcher) Show(text screen.Text) {
	if w.l.shown != nil {
		w.l.shown(text)
	}
}

func (w watcher) Say(format string, args ...any) { w.Show(screen.Plainly(format, args...)) }

func (l *line) releaser() *Releaser {
	ws := ceremonytest.Open(l.t, l.dir)
	return &Releaser{
		Room:    room.Room{Workspace: ws, Prompter: watcher{prompt.Nobody(bytes.NewBuffer(nil)), l}, Now: func() time.Time { return l.now }},
		Inspect: fit,
	}
}

// fit finds a machine that is fit.
func fit(context.Context, *workspace.Workspace, preflight.Request) (*preflight.Report, error) {
	return &preflight.Report{}, nil
}

// build makes an image of that name.
func (l *line) build(name string) string {
	l.write("build/"+name, "content of "+name)
	return filepath.Join(l.dir, "build", name)
}

// release releases an image of that name.
func (l *line) release(ctx context.Context, name string) (*Released, error) {
	l.t.Helper()
	l.n++
	l.now = l.now.Add(time.Minute)
	q := Request{Images: []string{l.build(name)}, Role: "targets", HardwareIDs: []string{"ecu"}, Out: filepath.Join(l.dir, fmt.Sprintf("out-%d.tar", l.n))}
	return l.releaser().Release(ctx, q)
}

// verified is what a client makes of a bundle.
func (l *line) verified(r *Released) *audit.Verification {
	l.t.Helper()
	found, err := audit.Verify(audit.VerifyRequest{Path: r.Bundle.File, TrustedRoot: filepath.Join(l.dir, "image/metadata/1.root.json"), Policy: "none", Now: l.now})
	if err != nil {
		l.t.Fatal(err)
	}
	return found
}

// TestInterrupted ends a release at each of its steps, as a runner does that is taken
// away. The next release of the same image finishes it; that of another is told so.
func TestInterrupted(t *testing.T) {
	first := newLine(t)
	steps := 0
	for n := 1; n == 1 || n <= steps; n++ {
		l := first.copy(t)
		ctx, cancel := context.WithCancel(t.Context())
		l.shown = func(text screen.Text) {
			var at int
			if _, err := fmt.Sscanf(text.String(), "step %d of %d:", &at, &steps); err == nil && at == n {
				cancel()
			}
		}
		_, err := l.release(ctx, "a.bin")
		cancel()
		if l.shown = nil; err == nil && n == steps {
			break // the last step only looks
		}
		if err == nil {
			t.Fatalf("step %d was not interrupted", n)
		}
		if _, err := l.release(t.Context(), "b.bin"); fault.CodeOf(err) != fault.Refused || !strings.Contains(fmt.Sprint(err), "is under way, and is not this release: release of targets: image a.bin: added") {
			t.Errorf("step %d: another release: got %v", n, err)
		} else if hints := fault.Hints(err); !strings.HasPrefix(hints[0], "release the same images to finish it; or keyrite run ") || !strings.HasPrefix(hints[1], "or close it: keyrite abort ") {
			t.Errorf("got the hints %q", hints)
		}
		released, err := l.release(t.Context(), "a.bin")
		if err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
		if found := l.verified(released); found.ImagesChecked != 1 {
			t.Errorf("step %d: %d images", n, found.ImagesChecked)
		}
		if released, err := l.release(t.Context(), "b.bin"); err != nil || l.verified(released).ImagesChecked != 1 {
			t.Errorf("step %d: the next release: %v", n, err)
		}
	}
	if steps < 10 {
		t.Errorf("%d steps, want all of three files", steps)
	}
}

// TestDiskFull has files stop growing at some size: what was there before is there
// still, and when there is room again the same release comes to its end.
func TestDiskFull(t *testing.T) {
	if limit, err := strconv.ParseUint(os.Getenv("RELEASE_LIMIT"), 10, 64); err == nil {
		releaseLimited(t, limit)
		return
	}
	first := newLine(t)
	failed := 0
	for _, limit := range []int{512, 2 << 10, 6 << 10, 12 << 10, 24 << 10, 48 << 10} {
		l := first.copy(t)
		name := fmt.Sprintf("%d.bin", limit)
		l.build(name)
		c := exec.Command(os.Args[0], "-test.run=^TestDiskFull$")
		c.Env = append(os.Environ(), fmt.Sprintf("RELEASE_LIMIT=%d", limit), "RELEASE_DIR="+l.dir, "RELEASE_IMAGE="+name)
		if out, err := c.CombinedOutput(); err == nil {
			continue
		} else if !strings.Contains(string(out), "file too large") {
			t.Errorf("%d: got %s", limit, out)
		}
		failed++
		if _, err := os.Stat(filepath.Join(l.dir, "out-1.tar")); err == nil {
			t.Errorf("%d: a bundle is there", limit)
		}
		if released, err := l.release(t.Context(), name); err != nil || l.verified(released).ImagesChecked != 1 {
			t.Errorf("%d: with room again: %v", limit, err)
		}
	}
	if failed < 3 {
		t.Errorf("%d releases met the limit", failed)
	}
}

// releaseLimited releases where no file may grow beyond a size, in bytes, in a process of
// its own.
func releaseLimited(t *testing.T, bytes uint64) {
	signal.Ignore(unix.SIGXFSZ)
	l := &line{t: t, dir: os.Getenv("RELEASE_DIR"), now: ceremonytest.Now}
	r := l.releaser()
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		t.Fatal(err)
	}
	l.now = l.now.Add(time.Minute)
	q := Request{Images: []string{filepath.Join(l.dir, "build", os.Getenv("RELEASE_IMAGE"))}, Role: "targets", HardwareIDs: []string{"ecu"}, Out: filepath.Join(l.dir, "out-1.tar")}
	if _, err := r.Release(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

// TestExpiredRoot refuses to sign below a root that no vehicle takes any more, whoever
// holds its keys.
func TestExpiredRoot(t *testing.T) {
	l := newLine(t)
	l.now = l.now.AddDate(1, 0, 1)
	_, err := l.release(t.Context(), "a.bin")
	ceremonytest.WantError(t, err, fault.Refused, "root 2 has to be signed too (expired)")
	ceremonytest.Rewrite(t, l.dir, "site.yaml", func(s string) string { return strings.Replace(s, "root-a: all, ", "", 1) })
	_, err = l.release(t.Context(), "a.bin")
	ceremonytest.WantError(t, err, fault.Refused, "root")
	if data := ceremonytest.Content(t, l.dir, "images.yaml"); strings.Contains(data, "a.bin") {
		t.Error("the list was changed")
	}
}

// TestSwapped has somebody with the disk act while the release runs: what was derived in
// this process is signed, or nothing.
func TestSwapped(t *testing.T) {
	first := newLine(t)
	for name, act := range map[string]func(l *line){
		"list": func(l *line) {
			ceremonytest.Rewrite(l.t, l.dir, "images.yaml", func(s string) string { return strings.Replace(s, "length: 16", "length: 17", 1) })
		},
		"room": func(l *line) {
			ceremonytest.Rewrite(l.t, l.dir, "site.yaml", func(s string) string { return s + "\n" })
		},
		"image": func(l *line) {
			ceremonytest.Rewrite(l.t, l.dir, "build/a.bin", func(string) string { return "CONTENT OF a.bin" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := first.copy(t)
			r := l.releaser()
			l.now = l.now.Add(time.Minute)
			j, err := r.begin(t.Context(), Request{Images: []string{l.build("a.bin")}, Role: "targets", Out: filepath.Join(l.dir, "out.tar")})
			if err != nil {
				t.Fatal(err)
			}
			made, err := j.plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			act(l)
			if err = j.sign(t.Context(), made); err == nil {
				_, err = j.bundle()
			}
			if code := fault.CodeOf(err); code != fault.Unverified {
				t.Errorf("got %v (code %d)", err, code)
			}
		})
	}
}

// TestReviewedRoom believes no other site.yaml than the one that was reviewed.
func TestReviewedRoom(t *testing.T) {
	l := newLine(t)
	q := Request{Images: []string{l.build("a.bin")}, Role: "targets", RoomSHA256: digest.Of([]byte("another"))}
	_, err := l.releaser().Dry(t.Context(), q)
	ceremonytest.WantError(t, err, fault.Unverified, "site.yaml is not the one that was reviewed")
}

// TestBusyToken waits for a token that another process has, which may be at work on
// another repository.
func TestBusyToken(t *testing.T) {
	l := newLine(t)
	site, err := ceremonytest.Open(t, l.dir).Site()
	if err != nil {
		t.Fatal(err)
	}
	declared, err := site.Token("all")
	if err != nil {
		t.Fatal(err)
	}
	other, err := hsm.Open(t.Context(), declared.Module, declared.URI)
	if err != nil {
		t.Fatal(err)
	}
	q := Request{Images: []string{l.build("a.bin")}, Role: "targets", HardwareIDs: []string{"ecu"}, Out: filepath.Join(l.dir, "out.tar")}
	if _, err := l.releaser().Release(t.Context(), q); !errors.Is(err, hsm.ErrBusy) {
		t.Errorf("without waiting: got %v", err)
	}
	released := time.AfterFunc(500*time.Millisecond, func() { other.Close() })
	defer released.Stop()
	q.Wait = time.Minute
	if _, err := l.releaser().Release(t.Context(), q); err != nil {
		t.Errorf("waiting: got %v", err)
	}
}
