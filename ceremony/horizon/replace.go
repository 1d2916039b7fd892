package horizon

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// What status writes, by what only such a file has in it.
const (
	paperMark    = "<title>Horizon of "
	doorMark     = "<title>" + "Status of "
	calendarMark = "PRODID:-//Uptane//keyrite//EN"
	metricsMark  = "# HELP keyrite_"
)

// Replace writes a file that a later status makes again, in one step. What is there
// already it replaces only if that is a file of the same kind: nothing else is
// overwritten.
func Replace(name string, data []byte) error {
	folder, err := disk.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer folder.Close()
	base := filepath.Base(name)
	old, err := folder.Read(base, disk.MaxInput)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return folder.Create(base, data)
	case err != nil:
		return err
	case !sameKind(old, data):
		return fault.Errorf(fault.Usage, "%s is there, and status did not write it; want another name", name)
	}
	return disk.NewLayout(folder, func(fixed string) bool { return fixed == base }).Overwrite(base, data)
}

func sameKind(old, data []byte) bool {
	for _, mark := range []string{paperMark, doorMark, calendarMark, metricsMark} {
		if bytes.Contains(data, []byte(mark)) {
			return bytes.Contains(old, []byte(mark))
		}
	}
	return false
}
