package ceremonies

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"golang.org/x/sys/unix"
)

// Ends are the ends of ceremonies. Those of a ceremony that all its sites have finished do
// not change any more, and are read once: a workspace that releases every hour has
// thousands. They are remembered in a file of the user's own, where nobody brings it who
// has only the workspace, and hold as long as nothing was put into the ceremony's folder.
// What is remembered are the transcripts' last lines, as evidence as they are; keyrite
// transcript verify reads the transcripts.
type Ends struct {
	ws    *workspace.Workspace
	known map[string]ended
	file  *os.File // nil: nothing is remembered
}

// ended is one line of the file.
type ended struct {
	Ceremony string      `json:"ceremony"`
	Changed  int64       `json:"changed"` // its folder, nanoseconds since 1970
	Sites    []EndedSite `json:"sites"`
}

// EndedSite is what one site signed of a ceremony that is finished.
type EndedSite struct {
	Site  string            `json:"site"`
	Time  time.Time         `json:"time"`
	Marks []transcript.Mark `json:"marks"`
}

const (
	maxEnds    = 256 << 20       // of the file, in bytes; then it begins anew
	maxEndLine = 1 << 20         // of one line, in bytes
	settled    = 2 * time.Second // a folder that changed this lately may change again under the same time
)

// OpenEnds opens what is remembered of a workspace. Where nothing can be, all is read.
func OpenEnds(ws *workspace.Workspace) *Ends {
	e := &Ends{ws: ws, known: map[string]ended{}}
	if ws.Cache == "" || os.MkdirAll(ws.Cache, 0o700) != nil {
		return e
	}
	name := filepath.Join(ws.Cache, fmt.Sprintf("ends-%x.jsonl", sha256.Sum256([]byte(ws.Dir))))
	file, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return e
	}
	if e.load(file) != nil {
		file.Close()
		return e
	}
	e.file = file
	return e
}

// load reads the file. A line that is none was torn by a crash.
func (e *Ends) load(file *os.File) error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		return err
	}
	switch {
	case stat.Mode&unix.S_IFMT != unix.S_IFREG || int(stat.Uid) != os.Geteuid() || stat.Mode&0o077 != 0:
		return errors.New("not the user's own")
	case stat.Size > maxEnds:
		return file.Truncate(0)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxEndLine)
	for lines.Scan() {
		var line ended
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			e.known[line.Ceremony] = line
		}
	}
	if lines.Err() != nil {
		clear(e.known)
		return file.Truncate(0)
	}
	return nil
}

// Close releases the file.
func (e *Ends) Close() error {
	if e.file == nil {
		return nil
	}
	return e.file.Close()
}

// Of are the sites of a ceremony; nil while one of them has not finished it.
func (e *Ends) Of(ceremony string) ([]EndedSite, error) {
	changed, err := e.changed(ceremony)
	if err != nil {
		return nil, err
	}
	if known, ok := e.known[ceremony]; ok && known.Changed == changed {
		return known.Sites, nil
	}
	sites, err := readEnds(e.ws, ceremony)
	if err != nil || sites == nil {
		return nil, err
	}
	e.remember(ended{ceremony, changed, sites})
	return sites, nil
}

// changed is when something was put into a ceremony's folder last: a time that cannot be
// set.
func (e *Ends) changed(ceremony string) (int64, error) {
	info, err := e.ws.Folder.Lstat(Dir(ceremony))
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, nil
	}
	return stat.Ctim.Nano(), nil
}

func readEnds(ws *workspace.Workspace, ceremony string) ([]EndedSite, error) {
	names, err := Sites(ws, ceremony)
	if err != nil {
		return nil, err
	}
	var sites []EndedSite
	for _, site := range names {
		end, err := transcript.End(ws.Folder, SiteDir(ceremony, site))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a folder without a transcript
		}
		if err != nil || end == nil {
			return nil, err
		}
		finished, ok := end.Data.(transcript.Finished)
		if !ok {
			return nil, nil // what an aborted one left behind is looked at each time
		}
		sites = append(sites, EndedSite{site, end.Time, finished.Signed})
	}
	return sites, nil
}

// remember writes a line. That it cannot be written costs another reading, and no more.
func (e *Ends) remember(line ended) {
	if e.file == nil || line.Changed == 0 || time.Now().UnixNano()-line.Changed < int64(settled) {
		return
	}
	e.known[line.Ceremony] = line
	if data, err := strict.JSON(line); err == nil {
		_, _ = e.file.Write(bytes.Join([][]byte{nil, data, nil}, []byte("\n"))) // ends a torn line too
	}
}
