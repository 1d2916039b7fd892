package publish

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rsyncServer serves a folder by rsync's own daemon until the test ends.
func rsyncServer(t *testing.T, dir string) (url string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	config := filepath.Join(t.TempDir(), "rsyncd.conf")
	text := fmt.Sprintf("use chroot = no\nuid = %d\ngid = %d\naddress = 127.0.0.1\n[www]\npath = %s\nread only = no\n[closed]\npath = %[3]s\n", os.Getuid(), os.Getgid(), dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("rsync", "--daemon", "--no-detach", "--config", config, "--port", fmt.Sprint(port))
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Process.Kill(); daemon.Wait() })
	for range 100 {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			c.Close()
			return fmt.Sprintf("rsync://127.0.0.1:%d/www/image", port)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("rsync does not answer")
	return ""
}

// TestRsync publishes to another machine by the same rules as to a folder.
func TestRsync(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"tuf", "ota-ce"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			w, other := newWorld(t, format), newWorld(t, format) // the same keys, another history
			served := t.TempDir()
			url, dest := rsyncServer(t, served), filepath.Join(served, "image")
			rsync := func(bundle string, more ...string) (int, string) {
				return run(t, nil, "static.sh", append([]string{bundle, url, "--trusted-root", w.root()}, more...)...)
			}
			first := w.bundle()
			code, out := rsync(first)
			wants(t, "the first", code, out, 0, "published: timestamp 1")
			verifies(t, dest, w.root())
			second := w.next("app-2.bin")
			code, out = rsync(second, "--page")
			wants(t, "the second", code, out, 0, "published: timestamp 2")
			verifies(t, dest, w.root())
			if page, err := os.ReadFile(filepath.Join(dest, "index.html")); err != nil || !strings.Contains(string(page), "Clients accept it.") {
				t.Errorf("the page: %v\n%s", err, page)
			}
			before := tree(t, dest)
			code, out = rsync(second)
			wants(t, "the same again", code, out, 0, "published: timestamp 2")
			code, out = rsync(first)
			wants(t, "an older one", code, out, 5, "timestamp 2 is published, and this is timestamp 1")
			code, out = run(t, nil, "static.sh", other.next("evil.bin"), url, "--trusted-root", other.root())
			wants(t, "another history", code, out, 4, "another timestamp 2 is published")
			if after := tree(t, dest); after != before && !strings.Contains(after, "evil.bin") {
				t.Errorf("what is published changed:\n%s\n%s", before, after)
			}

			code, out = rsync(w.next("; app.bin")) // for rsync a list may have comments
			wants(t, "an image like a comment", code, out, 0, "published: timestamp 3")
			if names := tree(t, filepath.Join(dest, "targets")); !strings.Contains(names, "; app.bin") {
				t.Errorf("the image is missing:\n%s", names)
			}

			closed := strings.Replace(url, "/www/", "/closed/", 1)
			third := w.next("app-3.bin")
			code, out = run(t, nil, "static.sh", third, closed, "--trusted-root", w.root())
			wants(t, "a server that takes nothing", code, out, 1, "rsync wrote not all of targets, and no metadata that vehicles look at: run it again")
			code, out = run(t, nil, "static.sh", third, "rsync://127.0.0.1:1/www/image", "--trusted-root", w.root())
			wants(t, "no server", code, out, 1, "Connection refused")
			w.Write("../app-3.bin", "half of it")
			for _, name := range imageNames(t, third) {
				if strings.HasSuffix(name, "app-3.bin") { // somebody else's, or half of one
					if err := os.WriteFile(filepath.Join(dest, name), []byte("half"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			code, out = rsync(third)
			wants(t, "an image of another content", code, out, 4, "app-3.bin is published with another content")
			verifies(t, dest, w.root())
		})
	}
}

// imageNames are the paths of the images in a bundle, where they are served.
func imageNames(t *testing.T, bundle string) (names []string) {
	t.Helper()
	out, err := exec.Command("tar", "-tf", bundle).Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(name, "targets/") {
			names = append(names, name)
		}
	}
	return names
}
