// Files in memory that nobody can change any more. What was hashed in one is what
// is loaded from it: no rename, no write in place comes between.

package hsm

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// seals forbid every later change of a file in memory, of its seals too.
const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// sealedCopy lets fill write a file in memory, seals it with these permissions and
// returns it open for reading. kind is MFD_EXEC or MFD_NOEXEC_SEAL, which Linux
// knows since 6.3. It fails where vm.memfd_noexec forbids MFD_EXEC.
func sealedCopy(name string, fill func(*os.File) error, kind int, mode uint32) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|kind)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	// A program that somebody may still write to cannot be executed (ETXTBSY).
	writer := os.NewFile(uintptr(fd), descriptor(fd))
	defer writer.Close()
	if err := fill(writer); err != nil {
		return nil, err
	}
	reader, err := os.Open(writer.Name())
	if err != nil {
		return nil, err
	}
	err = whileBusy(func() error {
		_, err := unix.FcntlInt(writer.Fd(), unix.F_ADD_SEALS, seals)
		return err
	})
	if err := errors.Join(unix.Fchmod(fd, mode), os.NewSyscallError("seal", err)); err != nil {
		reader.Close()
		return nil, err
	}
	return reader, nil
}

// whileBusy tries to seal until the kernel lets go of the pages that were written:
// on a busy machine it holds some for longer than the half second that it waits by
// itself. Not sealed, nothing is used.
func whileBusy(seal func() error) (err error) {
	for range 20 {
		if err = seal(); !errors.Is(err, unix.EBUSY) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}
