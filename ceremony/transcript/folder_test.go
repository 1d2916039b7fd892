package transcript

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/disk"
)

func testFolder(t *testing.T) (folder *disk.Folder, dir string) {
	t.Helper()
	dir = t.TempDir()
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folder, dir
}
