// Package interop holds the test that an independent client accepts what `make
// demo` publishes. Its folders hold the other clients; see README.md.
package interop

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"
)

const published = "../demo/published/image"

// TestDemo lets go-tuf v2 start from version 1 of the demo's root and update to
// what is published: it has to follow the root rotation and to download every
// published image, the supplier's included.
func TestDemo(t *testing.T) {
	client := newUpdater(t)
	if err := client.Refresh(); err != nil {
		t.Fatal(err)
	}
	if got := client.GetTrustedMetadataSet().Root.Signed.Version; got != 2 {
		t.Errorf("root is version %d, want 2", got)
	}
	images, delegated := publishedImages(t), 0
	for path := range images {
		info, err := client.GetTargetInfo(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if _, _, err := client.DownloadTarget(info, filepath.Join(t.TempDir(), "image"), ""); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if client.GetTopLevelTargets()[path] == nil {
			delegated++
		}
	}
	if len(images) != 3 || delegated != 1 {
		t.Errorf("%d images, %d of them delegated; want 3 and 1", len(images), delegated)
	}
}

func newUpdater(t *testing.T) *updater.Updater {
	t.Helper()
	trusted, err := os.ReadFile("../demo/trusted/image-root.json")
	if err != nil {
		t.Fatalf("%v; run `make demo` first", err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(published)))
	t.Cleanup(server.Close)
	cfg, err := config.New(server.URL+"/metadata", trusted)
	if err != nil {
		t.Fatal(err)
	}
	cfg.RemoteTargetsURL = server.URL + "/targets"
	cfg.LocalMetadataDir = t.TempDir()
	cfg.LocalTargetsDir = t.TempDir()
	client, err := updater.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// publishedImages are the paths of the images in the targets folder, where they
// lie as DIR/HASH.NAME, once for each hash.
func publishedImages(t *testing.T) map[string]bool {
	t.Helper()
	paths := map[string]bool{}
	targets := os.DirFS(published + "/targets")
	err := fs.WalkDir(targets, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		dir, file := filepath.Split(path)
		_, name, _ := strings.Cut(file, ".")
		paths[dir+name] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
