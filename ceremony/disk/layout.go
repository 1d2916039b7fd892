package disk

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/fault"
)

// Layout is the right to write over files: those of one folder whose names a
// layout fixes, such as timestamp.json, and no others. A Folder never overwrites.
type Layout struct {
	folder *Folder
	fixes  func(name string) bool
}

// NewLayout gives that right. fixes says which names are fixed; a number in a
// name that grows with each version makes one that is not.
func NewLayout(folder *Folder, fixes func(name string) bool) *Layout {
	return &Layout{folder, fixes}
}

// Overwrite writes a file whatever was there before: only for what a client
// remembers, and for what a command can make again.
func (l *Layout) Overwrite(name string, data []byte) error {
	return l.overwrite(name, known(data))
}

// OverwriteFrom is Overwrite for content that is too large for memory.
func (l *Layout) OverwriteFrom(name string, write func(io.Writer) error) error {
	return l.overwrite(name, content{write: write})
}

// Replace writes over the present file only if that has the SHA-256 hash old.
// The present content is kept under the name keep, as Folder.Create keeps it.
func (l *Layout) Replace(name string, data []byte, old [sha256.Size]byte, keep string) error {
	present, err := l.folder.Read(name, MaxInput)
	if err != nil {
		return err
	}
	if got := sha256.Sum256(present); got != old {
		return fault.Errorf(fault.Unverified, "%s has changed; got SHA-256 %x, want %x", name, got, old)
	}
	if err := l.check(name); err != nil {
		return err
	}
	if err := l.folder.Ensure(keep, present); err != nil {
		return err
	}
	return l.Overwrite(name, data)
}

func (l *Layout) overwrite(name string, c content) error {
	if err := l.check(name); err != nil {
		return err
	}
	f := l.folder
	return f.write(name, f.existing(path.Dir(name)), c, func(temp string, _ fs.FileInfo) error {
		if err := f.ops.rename(f.root, temp, name); err != nil {
			return err
		}
		return f.sync(path.Dir(name))
	})
}

func (l *Layout) check(name string) error {
	if !l.fixes(name) {
		return fault.Errorf(fault.Failed, "%s is not a name that the layout fixes; nothing else is ever overwritten", name)
	}
	return CheckPath(name)
}
