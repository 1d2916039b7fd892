package interop

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTakeover lets clients start from root 1 of a repository that another tool began
// and keyrite took over: they have to follow to the root whose keys are on tokens. The
// repositories are those of the test scripts takeover-*, which scripts/interop.sh runs.
func TestTakeover(t *testing.T) {
	clients := map[string][]string{"go-tuf v2": {"work/bin/go-tuf-v2"}, "python-tuf": {"work/python/bin/python", "python-tuf/judge.py"}}
	for _, repository := range []string{"tuf-on-ci", "foreign-ids"} {
		dir := filepath.Join("work", "taken", repository)
		server := httptest.NewServer(http.FileServer(http.Dir(dir)))
		t.Cleanup(server.Close)
		for name, client := range clients {
			if _, err := os.Stat(client[0]); err != nil {
				t.Errorf("%v; run `make interop`", err)
				continue
			}
			args := append(client[1:len(client):len(client)], filepath.Join(dir, "metadata", "1.root.json"), server.URL, t.TempDir())
			out, err := exec.Command(client[0], args...).CombinedOutput()
			if err != nil || strings.TrimSpace(string(out)) != "ACCEPT" {
				t.Errorf("%s, %s: %s%v", repository, name, out, err)
			}
		}
	}
}
