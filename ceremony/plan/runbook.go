package plan

import (
	"errors"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// RunbookFile is the name of the printed script of a plan, in the plan's folder.
const RunbookFile = "runbook.html"

// RunbookOf is where the printed script of a ceremony lies.
func RunbookOf(ceremony string) string {
	return path.Join((&Plan{Ceremony: ceremony}).Dir(), RunbookFile)
}

// maxRunbook bounds a runbook, in bytes.
const maxRunbook = 64 << 20

// RunbookSum is the hash of that file, zero where there is none.
func RunbookSum(files workspace.Files, ceremony string) (sum digest.SHA256, err error) {
	data, err := files.Read(RunbookOf(ceremony), maxRunbook)
	if errors.Is(err, fs.ErrNotExist) {
		return sum, nil
	}
	if err != nil {
		return sum, err
	}
	return digest.Of(data), nil
}
