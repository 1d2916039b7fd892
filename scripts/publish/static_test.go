package publish

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

func newServer(t *testing.T, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// TestStatic publishes what follows what is there, and nothing else.
func TestStatic(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"tuf", "ota-ce"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, format)
			dest := filepath.Join(t.TempDir(), "www")
			first := w.bundle()
			static := func(bundle string) (int, string) {
				return run(t, nil, "static.sh", bundle, dest, "--trusted-root", w.root())
			}
			code, out := static(first)
			wants(t, "the first", code, out, 0, "published: timestamp 1")
			verifies(t, dest, w.root())
			code, out = run(t, nil, "static.sh", first, dest, "--trusted-root", w.root(), "--page")
			wants(t, "the same again, with the page", code, out, 0, "published: timestamp 1")
			if page := ceremonytest.Content(t, dest, "index.html"); !strings.Contains(page, "<h1>www</h1>") || !strings.Contains(page, "Clients accept it. The first to expire is timestamp 1") {
				t.Errorf("the page:\n%s", page)
			}
			second := w.next("app-2.bin")
			third := w.next("app-3.bin")
			code, out = static(third)
			wants(t, "one was skipped", code, out, 0, "published: timestamp 3")
			verifies(t, dest, w.root())
			code, out = static(second)
			wants(t, "an older one", code, out, 5, "timestamp 3 is published, and this is timestamp 2")
			if left, _ := filepath.Glob(dest + "/*/*.part"); left != nil {
				t.Errorf("left behind: %v", left)
			}

			// What is served comes back into the workspace.
			url := serve(t, http.FileServer(http.Dir(dest)))
			fetched := filepath.Join(t.TempDir(), "fetched")
			code, out = run(t, nil, "fetch-static.sh", url, fetched)
			wants(t, "fetched", code, out, 0, "fetched into")
			verifies(t, fetched, w.root())
			imported, err := exec.Command(keyrite, "-C", w.Dir, "import", "--update", "--repository", "image", fetched).CombinedOutput()
			if err != nil || !strings.Contains(string(imported), "nothing is newer") {
				t.Errorf("import: %v\n%s", err, imported)
			}
		})
	}
}

// TestStaticRefuses keeps what is published when the bundle is of no use.
func TestStaticRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "tuf")
	other := newWorld(t, "tuf") // the same keys, another history
	first := w.next("app-2.bin")
	dest := filepath.Join(t.TempDir(), "www")
	publish := func(bundle, root string) (int, string) {
		return run(t, nil, "static.sh", bundle, dest, "--trusted-root", root)
	}
	code, out := publish(first, w.root())
	wants(t, "first", code, out, 0, "published")
	before := tree(t, dest)

	bent := filepath.Join(t.TempDir(), "bent.tar")
	data := []byte(ceremonytest.Content(t, first))
	data[len(data)/2] ^= 1
	if err := os.WriteFile(bent, data, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out = publish(bent, w.root())
	wants(t, "a bent bundle", code, out, 4, "is not published")
	code, out = publish(filepath.Join(dest, "none.tar"), w.root())
	wants(t, "no bundle", code, out, 2, "is not published")
	code, out = publish(other.next("evil.bin"), other.root())
	wants(t, "another history", code, out, 4, "another timestamp 2 is published")
	code, out = run(t, nil, "static.sh", first, dest)
	wants(t, "no root", code, out, 2, "Usage: static.sh BUNDLE DEST")
	if after := tree(t, dest); after != before {
		t.Errorf("what is published changed:\n%s\n%s", before, after)
	}
}

// TestStaticRoleNames publishes the file of a role whose name URLs escape, so that it is
// found by who asks for it, and fetched again.
func TestStaticRoleNames(t *testing.T) {
	t.Parallel()
	const asked = "1.acme%2Fbr+akes.json" // in the other format no role is called so
	w := newWorld(t, "tuf")
	w.AddKeys("supplier-a")
	w.Edit("trust.yaml", "    roles:\n", "      supplier-a: {public: keys/supplier-a.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "supplier-a")+"}\n    roles:\n")
	w.Write("trust.yaml", w.Read("trust.yaml")+"    delegations:\n      - {role: acme/br+akes, keys: [supplier-a], threshold: 1, paths: [\"brakes/*\"], expires: 90d}\n")
	w.Write("image/metadata/"+asked, ceremonytest.SuppliedImages(t, roles.TUF, 1, w.Now.AddDate(0, 0, 5), nil, "supplier-a"))
	w.CarryOut(plan.Request{})
	dest := filepath.Join(t.TempDir(), "www")
	for range 2 {
		code, out := run(t, nil, "static.sh", w.bundle(), dest, "--trusted-root", w.root())
		wants(t, "published", code, out, 0, "published: timestamp 2")
	}
	url := serve(t, http.FileServer(http.Dir(dest)))
	answer, err := http.Get(url + "/metadata/" + asked)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %v, %v", asked, answer, err)
	}
	answer.Body.Close()
	fetched := filepath.Join(t.TempDir(), "fetched")
	code, out := run(t, nil, "fetch-static.sh", url, fetched)
	wants(t, "fetched", code, out, 0, "fetched into")
	verifies(t, fetched, w.root())
	if got := ceremonytest.Content(t, fetched, "metadata", asked); got != w.Read("image/metadata/"+asked) {
		t.Errorf("fetched %s", got)
	}

	bucket := newS3(t)
	for range 2 {
		code, out = bucket.publish(w, w.bundle())
		wants(t, "a bucket", code, out, 0, "published: timestamp 2")
	}
	verifies(t, bucket.folder(w, "2.snapshot.json", "2.targets.json", asked), w.root())
}

// TestFetchAttacked fetches from servers that want to keep it busy: one answers every name
// with the same root, one begins an answer and sends no more, one has no metadata.
func TestFetchAttacked(t *testing.T) {
	t.Parallel()
	root := newWorld(t, "tuf").Read("image/metadata/1.root.json")
	for name, tt := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		code   int
		words  string
	}{
		"the same root": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, root) }, 4, "2.root.json is of version 1"},
		"garbage":       {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, 4, "1.root.json is no metadata"},
		"huge":          {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "100000000") }, 1, "1.root.json"},
		"silent": {func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 1, "1.root.json"},
	} {
		to := filepath.Join(t.TempDir(), "fetched")
		code, out := run(t, []string{"KEYRITE_PATIENCE=1"}, "fetch-static.sh", serve(t, http.HandlerFunc(tt.answer)), to)
		wants(t, name, code, out, tt.code, tt.words)
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: %s is there", name, to)
		}
	}
}

// tree is all of a folder in one text.
func tree(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", `cd "$0" && find . -type f -exec sha256sum {} + | sort`, dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestStaticAtOnce has two publish at once: what vehicles see is whole, and the newer.
func TestStaticAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ota-ce")
	dest := filepath.Join(t.TempDir(), "www")
	bundles := []string{w.bundle(), w.next("app-2.bin"), w.next("app-3.bin")}
	var wait sync.WaitGroup
	codes := make([]int, len(bundles))
	for i, bundle := range bundles {
		wait.Go(func() { codes[i], _ = run(t, nil, "static.sh", bundle, dest, "--trusted-root", w.root()) })
	}
	wait.Wait()
	if codes[2] != 0 {
		t.Errorf("the newest: exit code %d", codes[2])
	}
	for _, code := range codes {
		if code != 0 && code != 5 {
			t.Errorf("exit codes %v", codes)
		}
	}
	verifies(t, dest, w.root())
	if now := ceremonytest.Content(t, dest, "metadata/timestamp.json"); now != w.Read("image/metadata/timestamp.json") {
		t.Error("the newest is not published")
	}
}

// TestStaticKilled goes on after an upload that was killed: half a file, and some files
// of the new version without the others.
func TestStaticKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "tuf")
	dest := filepath.Join(t.TempDir(), "www")
	code, out := run(t, nil, "static.sh", w.bundle(), dest, "--trusted-root", w.root())
	wants(t, "first", code, out, 0, "published")
	second := w.next("app-2.bin")
	if err := os.WriteFile(filepath.Join(dest, "metadata/2.snapshot.json.99.part"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dest, "metadata/2.targets.json"), []byte(w.Read("image/metadata/2.targets.json")), 0o600); err != nil {
		t.Fatal(err)
	}
	verifies(t, dest, w.root()) // vehicles see the old state
	code, out = run(t, nil, "static.sh", second, dest, "--trusted-root", w.root())
	wants(t, "again", code, out, 0, "published: timestamp 2")
	verifies(t, dest, w.root())
	if left, _ := filepath.Glob(dest + "/metadata/*.part"); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
