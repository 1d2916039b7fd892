// The user's runtime folder: for what processes of one user share while they run,
// and nobody else may touch.

package hsm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// runtimeDir returns a folder of this user, made if need be: $XDG_RUNTIME_DIR/keyrite,
// or where that cannot be used one under /run/user or the temporary folder; with
// name, the folder of that name in it. The error says what is wrong with each place.
func runtimeDir(name string) (string, error) {
	var errs []error
	for _, dir := range runtimePlaces() {
		err := privateDir(dir)
		if name != "" {
			dir = filepath.Join(dir, name)
			err = errors.Join(err, privateDir(dir))
		}
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// runtimePlaces lists where the folder may be, the best first. All processes of a
// user must come to the same, whatever their environment.
func runtimePlaces() (places []string) {
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		places = append(places, filepath.Join(runtime, "keyrite"))
	}
	return append(places, filepath.Join("/run/user", userName(), "keyrite"), filepath.Join(os.TempDir(), "keyrite-"+userName()))
}

// userName is how these places name the user: by number.
func userName() string { return strconv.Itoa(os.Geteuid()) }

// privateDir makes dir if it is not there. Its parent must exist; nobody but this
// user may write to it.
func privateDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	var stat unix.Stat_t
	if err := unix.Lstat(dir, &stat); err != nil {
		return &os.PathError{Op: "lstat", Path: dir, Err: err}
	}
	switch {
	case stat.Mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Errorf("%s is not a folder", dir)
	case int(stat.Uid) != os.Geteuid():
		return fmt.Errorf("%s is another user's; got user %d, want %d", dir, stat.Uid, os.Geteuid())
	case stat.Mode&0o022 != 0:
		return fmt.Errorf("%s can be written to by others; got mode %04o, want 0700", dir, stat.Mode&0o7777)
	}
	return writableDir(dir)
}

// writableDir says whether this user may write to dir: it may be read-only.
func writableDir(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return &os.PathError{Op: "write to", Path: dir, Err: err}
	}
	return nil
}
