package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Made is a backup that was written and read again.
type Made struct {
	Out      string        `json:"out"`
	Fleet    string        `json:"fleet"`
	Files    int           `json:"files"`
	Bytes    int64         `json:"bytes"`
	SHA256   digest.SHA256 `json:"sha256"`
	Verified Verified      `json:"verified"`
	LeftOut  []LeftOut     `json:"left-out,omitempty"`
}

// Verified is what was verified of a workspace.
type Verified struct {
	Repositories []string `json:"repositories,omitempty"` // whose newest files are signed as their root says
	Transcripts  int      `json:"transcripts"`            // that hold together
}

// Make verifies what is signed and what transcripts state, packs the workspace without
// its secrets, and reads the file again. The same workspace makes the same bytes. Out
// must not exist.
func Make(ws *workspace.Workspace, out string) (made *Made, err error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	if fake, err := ws.Rehearsal(); err != nil || fake != nil {
		return nil, errors.Join(err, fault.Errorf(fault.Refused, "this is a rehearsal: nothing of it is worth a backup"))
	}
	for _, name := range trust.RepositoryNames() {
		lock, err := ws.Lock(name)
		if err != nil {
			return nil, err
		}
		defer lock.Close()
	}
	made = &Made{Out: out, Fleet: trust.Fleet}
	if made.Verified, err = verify(ws, trust); err != nil {
		return nil, err
	}
	found, err := find(ws, trust)
	if err != nil {
		return nil, err
	}
	m := &manifest{Version: 1, Fleet: trust.Fleet}
	for _, name := range found.Files {
		data, err := ws.Read(name, disk.MaxInput)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, file{name, int64(len(data)), digest.Of(data)})
	}
	made.Files, made.LeftOut = len(m.Files), found.Out
	if err := disk.CreateFile(out, func(w io.Writer) error { return m.write(w, ws.Read) }); err != nil {
		return nil, err
	}
	made.Bytes, made.SHA256, err = check(out)
	return made, err
}

// check reads a backup that was written.
func check(out string) (int64, digest.SHA256, error) {
	info, err := os.Stat(out)
	if err != nil {
		return 0, digest.SHA256{}, err
	}
	_, sum, err := open(out, func(string, []byte) error { return nil })
	return info.Size(), sum, err
}

func open(name string, keep func(string, []byte) error) (*manifest, digest.SHA256, error) {
	archive, err := disk.OpenRegular(name, os.OpenFile)
	if err != nil {
		return nil, digest.SHA256{}, disk.PathError(name, err)
	}
	defer archive.Close()
	m, sum, err := read(archive, keep)
	if own := (*fault.Error)(nil); errors.As(err, &own) {
		err = fault.Errorf(own.Code, "%s: %w", name, err)
	}
	return m, sum, err
}

// verify verifies what a workspace holds: the newest signed files, and every transcript
// with the files that it states.
func verify(ws *workspace.Workspace, trust *workspace.Trust) (v Verified, err error) {
	for _, name := range trust.RepositoryNames() {
		state, err := signed.Of(ws, trust.Repositories[name])
		if err == nil {
			err = state.Verify()
		}
		if err != nil {
			return v, err
		}
		if state.Root() != nil {
			v.Repositories = append(v.Repositories, name)
		}
	}
	names, err := record.Transcripts(ws)
	for _, name := range names {
		if _, err := record.Verify(ws, name); err != nil {
			return v, err
		}
	}
	v.Transcripts = len(names)
	return v, err
}

// Restored is a workspace that was restored.
type Restored struct {
	Dir      string        `json:"dir"`
	Fleet    string        `json:"fleet"`
	Files    int           `json:"files"`
	SHA256   digest.SHA256 `json:"sha256"` // of the backup
	Verified Verified      `json:"verified"`
}

// Restore unpacks a backup into a new folder and verifies what is in it; the folder above
// it must exist. After an error there is no folder.
func Restore(name, dir string) (*Restored, error) {
	above, err := disk.Open(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return nil, err
	}
	defer above.Close()
	r := &Restored{Dir: dir}
	err = above.CreateDir(filepath.Base(dir), func(inside *disk.Folder) error {
		m, sum, err := open(name, func(path string, data []byte) error {
			return inside.UnpackFile(path, bytes.NewReader(data))
		})
		if err != nil {
			return err
		}
		r.Fleet, r.Files, r.SHA256 = m.Fleet, len(m.Files), sum
		ws := &workspace.Workspace{Folder: inside, View: workspace.View{Files: inside}}
		trust, err := ws.Trust()
		if err != nil {
			return err
		}
		r.Verified, err = verify(ws, trust)
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		err = fault.Errorf(fault.Failed, "%s is there already, and nothing is overwritten", dir).Hint("name a folder that does not exist")
	}
	return r, err
}

// String says what was packed, in one line.
func (m *Made) String() string {
	return fmt.Sprintf("wrote %s: %d files, %d bytes, SHA-256 %s", m.Out, m.Files, m.Bytes, m.SHA256)
}
