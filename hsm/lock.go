// One keyrite per token: two processes that change one token at once leave half
// pairs behind. The lock is a file in the user's runtime folder, taken with flock,
// so that the kernel releases it however keyrite ends.

package hsm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// patience is the key of how long Open waits, in a context.
type patience struct{}

// Patient lets Open wait that long for a token that another process holds.
func Patient(ctx context.Context, atMost time.Duration) context.Context {
	return context.WithValue(ctx, patience{}, atMost)
}

// retry is how often a token is tried that another process holds.
const retry = 100 * time.Millisecond

// waitForToken is lockToken that waits as long as the context says.
func waitForToken(ctx context.Context, t TokenInfo, path string) (*tokenLock, error) {
	atMost, _ := ctx.Value(patience{}).(time.Duration)
	for deadline := time.Now().Add(atMost); ; {
		lock, err := lockToken(t, path)
		if !isKind(err, ErrBusy) || !time.Now().Before(deadline) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(retry):
		}
	}
}

// tokenLock is a lock that is held.
type tokenLock struct{ file *os.File }

// lockToken locks a token of the module at path. The file's name is a hash of
// what identifies the token. It fails with ErrBusy when another process holds the
// lock, with ErrUsage when there is no place for it.
func lockToken(t TokenInfo, path string) (*tokenLock, error) {
	dir, err := runtimeDir("")
	if err != nil {
		return nil, faultf(ErrUsage, "no place for the lock of a token: %v", err)
	}
	name := filepath.Join(dir, fmt.Sprintf("%x.lock", sha256.Sum256(fmt.Appendf(nil, "%q %q", path, t.URI().String()))))
	for {
		lock, err := lockFile(name)
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, faultf(ErrBusy, "lock %s", name)
		} else if err != nil {
			return nil, faultf(ErrUsage, "lock %s: %v", name, err)
		}
		// Whoever held the lock before has removed its file: a lock on a file that
		// has no name any more keeps nobody out.
		named, err := os.Stat(name)
		if mine, mineErr := lock.file.Stat(); err == nil && mineErr == nil && os.SameFile(named, mine) {
			return lock, nil
		}
		lock.file.Close()
	}
}

func lockFile(name string) (*tokenLock, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return &tokenLock{file}, nil
}

// release removes the file, and with it the lock. It is safe to call twice.
func (l *tokenLock) release() error {
	if l.file == nil {
		return nil
	}
	err := errors.Join(os.Remove(l.file.Name()), l.file.Close())
	l.file = nil
	if err != nil {
		return newError("", "", ErrUsage, "token lock: %v", err)
	}
	return nil
}
