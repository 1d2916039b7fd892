package workspace

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
)

// TestLock keeps other processes out, and lets the holder in again.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	open := func() *Workspace {
		w, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		return w
	}
	mine, other := open(), open()
	outer, err := mine.Lock("image")
	if err != nil {
		t.Fatal(err)
	}
	inner, err := mine.Lock("image")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mine.Lock("director"); err != nil {
		t.Errorf("another repository: %v", err)
	}
	inner.Close()
	if _, err := other.Lock("image"); fault.CodeOf(err) != fault.Failed || fault.WordOf(err) != fault.WordLocked {
		t.Errorf("held still: got %v", err)
	}
	waited := 0
	if _, err := other.WaitLock(t.Context(), "image", 250*time.Millisecond, func() { waited++ }); fault.WordOf(err) != fault.WordLocked || waited != 1 {
		t.Errorf("waited %d times: got %v", waited, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	if _, err := other.WaitLock(ctx, "image", time.Minute, func() { cancel(stopped) }); !errors.Is(err, stopped) {
		t.Errorf("stopped: got %v", err)
	}
	lock, err := other.WaitLock(t.Context(), "image", time.Minute, func() { outer.Close() })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mine.Lock("image"); err == nil {
		t.Error("the lock of another was taken")
	}
	lock.Close()
	if _, err := mine.Lock("image"); err != nil {
		t.Errorf("free again: %v", err)
	}
}
