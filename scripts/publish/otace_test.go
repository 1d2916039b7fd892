package publish

import (
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// newFleet is a workspace whose server signs snapshot and timestamp, and the server.
func newFleet(t *testing.T) (*world, *otaServer, string) {
	w := &world{Software: ceremonytest.NewSoftware(t), t: t}
	w.Now = time.Now().UTC().Truncate(time.Second)
	w.Edit("trust.yaml", "format: tuf", "format: ota-ce")
	w.GiveToServer("snapshot-a", "timestamp-a")
	w.image("app-1.bin")
	w.CarryOut(plan.Request{})
	s := newOTAServer(t, "snapshot-a", "timestamp-a")
	return w, s, serve(t, s) + "/api/v1/user_repo"
}

func upload(t *testing.T, w *world, url, bundle string, more ...string) (int, string) {
	t.Helper()
	return run(t, nil, "ota-ce.sh", append([]string{bundle, url, "--trusted-root", w.root(), "--namespace", namespace}, more...)...)
}

// takeIn brings what the server has signed into the workspace.
func takeIn(t *testing.T, w *world, url string) {
	t.Helper()
	fetched := filepath.Join(t.TempDir(), "fetched")
	code, out := run(t, nil, "fetch-ota-ce.sh", url, fetched, "--namespace", namespace)
	wants(t, "fetch", code, out, 0, "fetched into")
	if out, err := exec.Command(keyrite, "-C", w.Dir, "import", "--update", "--repository", "image", fetched).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
}

// TestOtaCE uploads root and targets, what they become, and takes in what the server
// signs.
func TestOtaCE(t *testing.T) {
	t.Parallel()
	w, s, url := newFleet(t)
	first := w.bundle()
	code, out := upload(t, w, url, first)
	wants(t, "the first", code, out, 0, "root 1 is uploaded\ntargets 1 are uploaded")
	verifies(t, s.dir, w.root())
	code, out = upload(t, w, url, first)
	wants(t, "the same again", code, out, 0, "the server has what is signed here")
	if strings.Contains(out, "uploaded") {
		t.Errorf("the same again: %s", out)
	}
	page := filepath.Join(t.TempDir(), "index.html")
	code, out = upload(t, w, url, first, "--page", page)
	wants(t, "the page", code, out, 0, "the server has what is signed here")
	if html := ceremonytest.Content(t, page); !strings.Contains(html, "<h1>"+namespace+"</h1>") || !strings.Contains(html, "Clients accept it.") {
		t.Errorf("the page:\n%s", html)
	}
	code, out = upload(t, w, url, first, "--page", page, "--root-only")
	wants(t, "a page of what is not there yet", code, out, 2, "keyrite status --site")
	takeIn(t, w, url)

	second := w.next("app-2.bin")
	third := w.next("app-3.bin")
	code, out = upload(t, w, url, third)
	wants(t, "one was skipped", code, out, 5, "takes 2 next, this is targets 3")
	for _, bundle := range []string{second, third} {
		code, out = upload(t, w, url, bundle)
		wants(t, "in order", code, out, 0, "are uploaded")
	}
	code, out = upload(t, w, url, second)
	wants(t, "an older one", code, out, 5, "the server has targets 3, this is targets 2: it has moved on")
	verifies(t, s.dir, w.root())
	if code, out := run(t, nil, "ota-ce.sh", third, url, "--trusted-root", w.root(), "--namespace", "other"); code != 1 || !strings.Contains(out, "status 403") {
		t.Errorf("another namespace: %d\n%s", code, out)
	}
}

// TestOtaCERoot says which online keys a root deletes, and asks.
func TestOtaCERoot(t *testing.T) {
	t.Parallel()
	w, s, url := newFleet(t)
	code, out := upload(t, w, url, w.bundle())
	wants(t, "the first", code, out, 0, "uploaded")
	takeIn(t, w, url)
	w.Replace("timestamp-a", "timestamp-b")
	w.CarryOut(plan.Request{})
	old, err := roles.NewKey(roles.OTACE, ceremonytest.Key("timestamp-a").Public())
	if err != nil {
		t.Fatal(err)
	}
	second := w.bundle()
	code, out = upload(t, w, url, second)
	wants(t, "nobody agrees", code, out, 3, "nobody is here to agree: name them: --delete "+string(old.ID))
	if !s.online["timestamp-a"] {
		t.Error("the key was deleted")
	}
	code, out = upload(t, w, url, second, "--root-only", "--delete", string(old.ID))
	wants(t, "named", code, out, 0, "root 2 is uploaded")
	if s.online["timestamp-a"] || s.root().Version != 2 {
		t.Error("root 2 is not there")
	}
}

// TestOtaCEOmit says which stored images targets delete.
func TestOtaCEOmit(t *testing.T) {
	t.Parallel()
	w, _, url := newFleet(t)
	code, out := upload(t, w, url, w.bundle())
	wants(t, "the first", code, out, 0, "uploaded")
	w.Remove("images/app-1.bin")
	second := w.next("app-2.bin")
	code, out = upload(t, w, url, second)
	wants(t, "nobody agrees", code, out, 3, "--omit app-1.bin")
	code, out = upload(t, w, url, second, "--omit", "app-1.bin")
	wants(t, "named", code, out, 0, "targets 2 are uploaded")
}

// TestOtaCEDelegation uploads a supplier's file beside what delegates to it, and never an
// older one.
func TestOtaCEDelegation(t *testing.T) {
	t.Parallel()
	w, s, url := newFleet(t)
	w.AddKeys("supplier-a")
	w.Edit("trust.yaml", "    roles:\n", "      supplier-a: {public: keys/supplier-a.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "supplier-a")+"}\n    roles:\n")
	w.Write("trust.yaml", w.Read("trust.yaml")+"    delegations:\n      - {role: brakes, keys: [supplier-a], threshold: 1, paths: [\"brakes/*\"], expires: 90d}\n")
	supply := func(version int64) {
		w.Write("image/metadata/delegations/brakes.json", ceremonytest.SuppliedImages(t, roles.OTACE, version, w.Now.AddDate(0, 0, 5), nil, "supplier-a"))
	}
	code, out := upload(t, w, url, w.bundle())
	wants(t, "the first", code, out, 0, "targets 1 are uploaded")
	supply(1)
	w.CarryOut(plan.Request{})
	code, out = upload(t, w, url, w.bundle())
	wants(t, "a supplier", code, out, 0, "targets 2 are uploaded\nbrakes.json 1 is uploaded")
	old := w.bundle()
	supply(3)
	code, out = upload(t, w, url, w.bundle())
	wants(t, "a newer file", code, out, 0, "brakes.json 3 is uploaded")
	code, out = upload(t, w, url, old)
	wants(t, "an older file", code, out, 5, "the server has brakes.json 3, this is 1")
	verifies(t, s.dir, w.root())
}

// TestOtaCEAtOnce has two upload at once: of two different ones, one is told that the
// server has moved on.
func TestOtaCEAtOnce(t *testing.T) {
	t.Parallel()
	w, s, url := newFleet(t)
	code, out := upload(t, w, url, w.bundle())
	wants(t, "the first", code, out, 0, "uploaded")
	w.image("app-2.bin")
	other := *w.Software
	other.Dir = ceremonytest.Copy(t, w.Dir)
	w.CarryOut(plan.Request{})
	rival := &world{Software: &other, t: t}
	rival.image("app-3.bin")
	rival.CarryOut(plan.Request{})
	codes, outs := make([]int, 2), make([]string, 2)
	var wait sync.WaitGroup
	for i, of := range []*world{w, rival} {
		bundle := of.bundle()
		wait.Go(func() { codes[i], outs[i] = upload(t, of, url, bundle) })
	}
	wait.Wait()
	if codes[0]+codes[1] != 5 {
		t.Errorf("exit codes %v, want 0 and 5\n%s\n%s", codes, outs[0], outs[1])
	}
	verifies(t, s.dir, w.root())
}

// TestOtaCEKilled goes on after an upload whose answer never came: the server took the
// file, or did not.
func TestOtaCEKilled(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{true, false} {
		w, s, url := newFleet(t)
		first := w.bundle()
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				s.before = nil
				if taken {
					s.mu.Unlock()
					s.ServeHTTP(silent{http.Header{}}, r)
					s.mu.Lock()
				}
				panic(http.ErrAbortHandler)
			}
			return false
		}
		code, out := upload(t, w, url, first)
		wants(t, "killed", code, out, 1, "PUT")
		code, out = upload(t, w, url, first)
		wants(t, "again", code, out, 0, "the server has what is signed here: root 1")
		verifies(t, s.dir, w.root())
	}
}

// silent is an answer that nobody gets.
type silent struct{ header http.Header }

func (s silent) Header() http.Header       { return s.header }
func (silent) Write(p []byte) (int, error) { return len(p), nil }
func (silent) WriteHeader(int)             {}

// TestOtaCEEdit has somebody edit the images at the server, which lacks the key: it asks
// for a signature, the room takes that in, signs, and the server takes what it asked for.
func TestOtaCEEdit(t *testing.T) {
	t.Parallel()
	w, s, url := newFleet(t)
	code, out := upload(t, w, url, w.bundle())
	wants(t, "the first", code, out, 0, "uploaded")
	takeIn(t, w, url)
	w.Write("images/edited.bin", "an edit")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/targets/edited.bin", strings.NewReader("an edit"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("x-ats-namespace", namespace)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusPreconditionFailed {
		t.Fatal(answer.Status, err)
	}
	w.Write("../answer.json", string(body))
	if out, err := exec.Command(keyrite, "-C", w.Dir, "plan", "image", "--request", w.Path("../answer.json")).CombinedOutput(); err != nil || !strings.Contains(string(out), "image edited.bin: added 7 bytes") {
		t.Fatalf("plan: %v\n%s", err, out)
	}
	w.Now = time.Now().UTC().Truncate(time.Second)
	w.CarryOut(plan.Request{Reason: "the server asks for targets 2"})
	code, out = upload(t, w, url, w.bundle())
	wants(t, "what it asked for", code, out, 0, "targets 2 are uploaded")
	verifies(t, s.dir, w.root())
	if !strings.Contains(string(s.read("targets.json")), `"edited.bin"`) {
		t.Error("the server lists no edited.bin")
	}
}

// TestOtaCERefused passes on what the server says.
func TestOtaCERefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		code   int
		words  string
	}{
		"root refused":     {400, 5, "root 1: status 400: invalid_root_role: refused"},
		"no root upstream": {424, 1, "root 1: status 424"},
		"server down":      {503, 1, "root 1: status 503"},
	} {
		w, s, url := newFleet(t)
		s.before = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				refuse(rw, tt.status, "invalid_root_role", "it is so")
				return true
			}
			return false
		}
		code, out := upload(t, w, url, w.bundle())
		wants(t, name, code, out, tt.code, tt.words)
	}
}

// TestOtaCEGarbage is answered by something else than the server, with status 200.
func TestOtaCEGarbage(t *testing.T) {
	t.Parallel()
	w, s, url := newFleet(t)
	bundle := w.bundle()
	for _, name := range []string{"root.json", "targets.json"} {
		s.before = func(answer http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/"+name) {
				return false
			}
			io.WriteString(answer, "<html>log in</html>")
			return true
		}
		code, out := upload(t, w, url, bundle)
		wants(t, name, code, out, 4, "now/"+name+" is no metadata")
	}
}
