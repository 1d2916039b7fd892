package publish

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// bucket is as much of S3 as the script uses: objects with ETags, and conditions.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	types   map[string]string
	before  func(r *http.Request) // what happens before a request
	refuse  string                // what nobody may write: how its path ends
}

func tagOf(data []byte) string { return fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(data))[:32]) }

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.before != nil {
		b.before(r)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	there, exists := b.objects[r.URL.Path]
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=reader/") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch {
	case r.Method == http.MethodPut && b.refuse != "" && strings.HasSuffix(r.URL.Path, b.refuse):
		w.WriteHeader(http.StatusForbidden)
	case r.Method == http.MethodGet && exists:
		w.Header().Set("ETag", tagOf(there))
		w.Header().Set("Content-Type", b.types[r.URL.Path])
		w.Write(there)
	case r.Method == http.MethodGet, !exists && r.Header.Get("If-Match") != "":
		w.WriteHeader(http.StatusNotFound)
	case exists && r.Header.Get("If-None-Match") == "*", exists && r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != tagOf(there):
		w.WriteHeader(http.StatusPreconditionFailed)
	default:
		data, err := io.ReadAll(r.Body)
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(data)) != r.Header.Get("X-Amz-Content-Sha256") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		b.objects[r.URL.Path], b.types[r.URL.Path] = data, r.Header.Get("Content-Type")
		w.Header().Set("ETag", tagOf(data))
	}
}

// s3 is a bucket and how the script reaches it. With KEYRITE_S3 it is one of a real
// server at that address (make test-publish).
type s3 struct {
	t        *testing.T
	endpoint string
	fake     *bucket // nil where the server is real
	name     string
}

func newS3(t *testing.T) *s3 {
	s := &s3{t: t, endpoint: os.Getenv("KEYRITE_S3"), name: strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))}
	if s.endpoint == "" {
		s.fake = &bucket{objects: map[string][]byte{}, types: map[string]string{}}
		s.endpoint = httptest.NewServer(s.fake).URL
		return s
	}
	out, err := exec.Command("curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "reader:secret", "-X", "PUT", s.endpoint+"/"+s.name).CombinedOutput()
	if err != nil {
		t.Fatalf("no bucket: %s", out)
	}
	return s
}

var s3Env = []string{"AWS_ACCESS_KEY_ID=reader", "AWS_SECRET_ACCESS_KEY=secret"}

func (s *s3) publish(w *world, bundle string, flags ...string) (int, string) {
	return run(s.t, s3Env, "s3.sh", append([]string{bundle, s.name + "/fleet", "--trusted-root", w.root(), "--endpoint", s.endpoint}, flags...)...)
}

// page is the one for the front door, after its header.
func (s *s3) page() string {
	s.t.Helper()
	out, err := exec.Command("curl", "-sSf", "-i", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "reader:secret", s.endpoint+"/"+s.name+"/fleet/index.html").CombinedOutput()
	if err != nil {
		s.t.Fatalf("the page: %s", out)
	}
	return string(out)
}

// folder is what the bucket serves, as a folder.
func (s *s3) folder(w *world, names ...string) string {
	s.t.Helper()
	dir := s.t.TempDir()
	for _, name := range append(names, "1.root.json", "timestamp.json") {
		to := filepath.Join(dir, "metadata", name)
		out, err := exec.Command("curl", "-sSf", "--create-dirs", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "reader:secret", "-o", to, s.endpoint+"/"+s.name+"/fleet/metadata/"+name).CombinedOutput()
		if err != nil {
			s.t.Fatalf("%s: %s", name, out)
		}
	}
	return dir
}

// TestS3 publishes to a bucket what follows what is there, and nothing else.
func TestS3(t *testing.T) {
	t.Parallel()
	s, w := newS3(t), newWorld(t, "tuf")
	first := w.bundle()
	code, out := s.publish(w, first)
	wants(t, "the first", code, out, 0, "published: timestamp 1, 2 image files")
	verifies(t, s.folder(w, "1.targets.json", "1.snapshot.json"), w.root())
	code, out = s.publish(w, first, "--page")
	wants(t, "the same again, with the page", code, out, 0, "published: timestamp 1")
	if page := s.page(); !strings.Contains(strings.ToLower(page), "content-type: text/html; charset=utf-8") || !strings.Contains(page, "Clients accept it. The first to expire is timestamp 1") {
		t.Errorf("the page:\n%s", page)
	}
	second, third := w.next("app-2.bin"), w.next("app-3.bin")
	code, out = s.publish(w, third, "--page")
	wants(t, "one was skipped", code, out, 0, "published: timestamp 3")
	if page := s.page(); !strings.Contains(page, "The first to expire is timestamp 3") {
		t.Errorf("the page:\n%s", page)
	}
	verifies(t, s.folder(w, "3.targets.json", "3.snapshot.json"), w.root())
	code, out = s.publish(w, second)
	wants(t, "an older one", code, out, 5, "timestamp 3 is published, and this is timestamp 2")
	if code, out := run(t, []string{"AWS_ACCESS_KEY_ID="}, "s3.sh", first, s.name, "--trusted-root", w.root()); code != 2 {
		t.Errorf("no key: exit code %d\n%s", code, out)
	}
}

// TestS3OtaCE replaces files under names that the layout fixes.
func TestS3OtaCE(t *testing.T) {
	t.Parallel()
	s, w := newS3(t), newWorld(t, "ota-ce")
	for _, bundle := range []string{w.bundle(), w.next("app-2.bin")} {
		code, out := s.publish(w, bundle)
		wants(t, "published", code, out, 0, "published: timestamp")
	}
	verifies(t, s.folder(w, "targets.json", "snapshot.json"), w.root())
}

// TestS3AtOnce has another publish while one does: it is told, and what is served is
// whole.
func TestS3AtOnce(t *testing.T) {
	t.Parallel()
	s, w := newS3(t), newWorld(t, "tuf")
	bundles := []string{w.bundle(), w.next("app-2.bin"), w.next("app-3.bin")}
	code, out := s.publish(w, bundles[0])
	wants(t, "first", code, out, 0, "published")
	codes, outs := make([]int, 3), make([]string, 3)
	var wait sync.WaitGroup
	for i := 1; i < 3; i++ {
		wait.Go(func() { codes[i], outs[i] = s.publish(w, bundles[i]) })
	}
	wait.Wait()
	for i := 1; i < 3; i++ {
		if codes[i] != 0 && codes[i] != 5 {
			t.Errorf("%d: exit code %d\n%s", i, codes[i], outs[i])
		}
	}
	code, out = s.publish(w, bundles[2])
	wants(t, "the newest", code, out, 0, "published: timestamp 3")
	verifies(t, s.folder(w, "3.targets.json", "3.snapshot.json"), w.root())
}

// TestS3Killed goes on after an upload that ended half-way, at each of its writes.
func TestS3Killed(t *testing.T) {
	t.Parallel()
	if os.Getenv("KEYRITE_S3") != "" {
		t.Skip("a real server does not break off when a test wants it to")
	}
	w := newWorld(t, "tuf")
	first, second := w.bundle(), w.next("app-2.bin")
	for n := 1; n <= 7; n += 3 { // an image, targets, timestamp
		s := newS3(t)
		code, out := s.publish(w, first)
		wants(t, "first", code, out, 0, "published")
		writes := 0
		s.fake.before = func(r *http.Request) {
			if r.Method == http.MethodPut {
				if writes++; writes >= n {
					panic(http.ErrAbortHandler)
				}
			}
		}
		code, out = s.publish(w, second)
		if code == 0 {
			t.Fatalf("write %d: was not broken off\n%s", n, out)
		}
		s.fake.before = nil
		verifies(t, s.folder(w, "1.targets.json", "1.snapshot.json"), w.root())
		code, out = s.publish(w, second)
		wants(t, fmt.Sprintf("again after write %d", n), code, out, 0, "published: timestamp 2")
	}
}

// TestS3Changed is told by the bucket that timestamp is not the one it looked at.
func TestS3Changed(t *testing.T) {
	t.Parallel()
	if os.Getenv("KEYRITE_S3") != "" {
		t.Skip("only this one changes what it has when a test wants it to")
	}
	s, w := newS3(t), newWorld(t, "tuf")
	code, out := s.publish(w, w.bundle())
	wants(t, "first", code, out, 0, "published")
	s.fake.before = func(r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "2.snapshot.json") {
			s.fake.mu.Lock()
			defer s.fake.mu.Unlock()
			s.fake.objects["/"+s.name+"/fleet/metadata/timestamp.json"] = []byte(w.Read("image/metadata/timestamp.json") + "\n")
		}
	}
	code, out = s.publish(w, w.next("app-2.bin"))
	wants(t, "changed meanwhile", code, out, 5, "somebody else has published meanwhile")
}

// TestS3PageOfAnother leaves the page that somebody wrote meanwhile, who has seen more.
func TestS3PageOfAnother(t *testing.T) {
	t.Parallel()
	if os.Getenv("KEYRITE_S3") != "" {
		t.Skip("only this one changes what it has when a test wants it to")
	}
	s, w := newS3(t), newWorld(t, "tuf")
	s.fake.before = func(r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "1.snapshot.json") {
			s.fake.mu.Lock()
			defer s.fake.mu.Unlock()
			s.fake.objects["/"+s.name+"/fleet/index.html"] = []byte("theirs")
		}
	}
	code, out := s.publish(w, w.bundle(), "--page")
	wants(t, "faster", code, out, 0, "index.html is somebody else's, who was faster")
	if page := s.page(); !strings.HasSuffix(page, "theirs") {
		t.Errorf("the page:\n%s", page)
	}
}

// TestS3Refused ends with 1 where the server refuses to write, whatever it is: it has not
// moved on, and has no other content.
func TestS3Refused(t *testing.T) {
	t.Parallel()
	if os.Getenv("KEYRITE_S3") != "" {
		t.Skip("only this one refuses what a test wants it to")
	}
	w := newWorld(t, "tuf")
	first, second := w.bundle(), w.next("app-2.bin")
	for _, name := range []string{"app-2.bin", "2.targets.json", "timestamp.json", "index.html"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			code, out := s.publish(w, first)
			wants(t, "first", code, out, 0, "published")
			s.fake.refuse = name
			code, out = s.publish(w, second, "--page")
			wants(t, "refused", code, out, 1, "status 403")
		})
	}
	code, out := run(t, s3Env, "s3.sh", first, "bucket", "--trusted-root", w.root(), "--endpoint", "http://127.0.0.1:1")
	wants(t, "nobody there", code, out, 1, "http://127.0.0.1:1 does not answer")
}

// TestS3Garbage reads what a captive portal says, or somebody who wants a shell to run it.
func TestS3Garbage(t *testing.T) {
	t.Parallel()
	if os.Getenv("KEYRITE_S3") != "" {
		t.Skip("only this one has what a test puts into it")
	}
	w := newWorld(t, "tuf")
	bundle := w.bundle()
	for _, text := range []string{"<html>log in</html>", `{"signed": {"version": "a[$(touch run)]"}}`, `{"signed": {"version": 1.5}}`, `{"signed": {"version": -1}}`} {
		s := newS3(t)
		s.fake.objects["/"+s.name+"/fleet/metadata/timestamp.json"] = []byte(text)
		code, out := s.publish(w, bundle)
		wants(t, text, code, out, 4, "now/timestamp.json is no metadata")
		if len(s.fake.objects) != 1 {
			t.Errorf("%s: something was uploaded", text)
		}
	}
}

// TestS3Names uploads an image under the name that it has, whatever URLs and curl make of
// its letters.
func TestS3Names(t *testing.T) {
	t.Parallel()
	s, w := newS3(t), newWorld(t, "ota-ce")
	code, out := s.publish(w, w.next("fw {1,2}+1 & 'x'.bin"))
	wants(t, "published", code, out, 0, "published: timestamp 2, 2 image files")
	body, err := exec.Command("curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "reader:secret", s.endpoint+"/"+s.name+"/fleet/targets/fw%20%7B1%2C2%7D%2B1%20%26%20%27x%27.bin").CombinedOutput()
	if err != nil || string(body) != "content of fw {1,2}+1 & 'x'.bin" {
		t.Errorf("the image: %v\n%s", err, body)
	}
}
