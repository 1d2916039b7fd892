package publish

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
)

// keyrite is the command, built once for all tests.
var keyrite string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "keyrite-publish-")
	if err != nil {
		panic(err)
	}
	keyrite = filepath.Join(dir, "keyrite")
	if out, err := exec.Command("go", "build", "-o", keyrite, "../../cmd/keyrite").CombinedOutput(); err != nil {
		panic(string(out))
	}
	os.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache")) // after the build, whose cache lies there too
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil { // they wait for programs most of the time
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// world is an air-gapped workspace, whose keys lie in software, and its bundles.
type world struct {
	*ceremonytest.Software
	t *testing.T
	n int
}

func newWorld(t *testing.T, format string) *world {
	w := &world{Software: ceremonytest.NewSoftware(t), t: t}
	w.Now = time.Now().UTC().Truncate(time.Second)
	w.Edit("trust.yaml", "format: tuf", "format: "+format)
	w.image("app-1.bin")
	w.CarryOut(plan.Request{})
	return w
}

// image adds an image to what targets list.
func (w *world) image(name string) {
	w.t.Helper()
	w.Write("images/"+name, "content of "+name)
	w.Remove("images.yaml")
	counter := int64(1)
	_, err := images.Hash(w.t.Context(), images.HashRequest{From: []string{w.Path("images")}, Out: w.Path("images.yaml"), HardwareIDs: []string{"ecu"}, ReleaseCounter: &counter}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
}

// next signs the next image and returns a bundle of all.
func (w *world) next(name string) string {
	w.t.Helper()
	w.image(name)
	w.CarryOut(plan.Request{})
	return w.bundle()
}

func (w *world) bundle() string {
	w.t.Helper()
	w.n++
	out := filepath.Join(w.t.TempDir(), fmt.Sprintf("bundle-%d.tar", w.n))
	if _, err := carry.Bundle(w.Open(), carry.BundleRequest{Repository: "image", Out: out, Images: w.Path("images"), Now: w.Now, NoEvidence: true}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// root is what was carried to the online side once, on another way.
func (w *world) root() string { return w.Path("image/metadata/1.root.json") }

// run runs a script, and returns its exit code and what it said.
func run(t *testing.T, env []string, script string, args ...string) (int, string) {
	t.Helper()
	c := exec.Command("./"+script, args...)
	c.Env = append(os.Environ(), append(env, "KEYRITE="+keyrite, "HOME="+t.TempDir())...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", script, err)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// wants demands an exit code and words.
func wants(t *testing.T, what string, code int, out string, wantCode int, words string) {
	t.Helper()
	if code != wantCode || !strings.Contains(out, words) {
		t.Errorf("%s: exit code %d, want %d, with %q in\n%s", what, code, wantCode, words, out)
	}
}

// verifies demands that a folder is a whole repository of a version.
func verifies(t *testing.T, dir, root string) {
	t.Helper()
	if out, err := exec.Command(keyrite, "verify", dir, "--trusted-root", root, "--policy", "none").CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", dir, err, out)
	}
}

// serve serves a folder until the test ends.
func serve(t *testing.T, h http.Handler) (url string) { return newServer(t, h).URL }
