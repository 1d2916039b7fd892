package disk

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestLock(t *testing.T) {
	folder, tree := testFolder(t)
	lock, err := folder.Lock(".lock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Lock(".lock"); !errors.Is(err, ErrLocked) {
		t.Errorf("taken twice: got %v", err)
	}
	other, err := folder.Lock(".other")
	if err != nil {
		t.Errorf("another name: got %v", err)
	}
	if err := errors.Join(lock.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if left := tree(); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// At any time there is one holder, also while others take the name away.
func TestLockAmongMany(t *testing.T) {
	folder, _ := testFolder(t)
	var holders, taken atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				lock, err := folder.Lock(".lock")
				if errors.Is(err, ErrLocked) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d hold it at once", n)
				}
				taken.Add(1)
				holders.Add(-1)
				if err := lock.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if taken.Load() == 0 {
		t.Error("nobody ever got it")
	}
}

func TestLockFollowsNoLink(t *testing.T) {
	folder, _ := testFolder(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := folder.root.Symlink(secret, ".lock"); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Lock(".lock"); err == nil {
		t.Error("locked through a link")
	}
}
