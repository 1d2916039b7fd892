package ceremonies

import (
	"errors"
	"io/fs"
	"syscall"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// EndedSite is what one site signed of a ceremony that is finished.
type EndedSite struct {
	Time  time.Time
	Marks []transcript.Mark
}

// ended is what this process has read of a ceremony that all its sites have finished.
type ended struct {
	changed int64 // its folder, nanoseconds since 1970
	sites   []EndedSite
}

// Over are the sites of a ceremony; nil while one of them has not finished it. A process
// reads the transcripts' last lines once, as long as nothing is put into the ceremony's
// folder. Nothing of it outlives the process: what was signed is told by transcripts, and
// by no file that somebody could put beside them.
func Over(ws *workspace.Workspace, ceremony string) ([]EndedSite, error) {
	all, err := ws.Folder.Sub(dir)
	if err != nil {
		return nil, err
	}
	defer all.Close()
	return over(ws, all, ceremony)
}

// over is Over for who has the folder of all ceremonies open.
func over(ws *workspace.Workspace, all *disk.Folder, ceremony string) ([]EndedSite, error) {
	changed, err := changed(all, ceremony)
	if err != nil {
		return nil, err
	}
	if known, ok := ws.Memory[ceremony].(ended); ok && known.changed == changed {
		return known.sites, nil
	}
	sites, err := readEnds(all, ceremony)
	if err == nil && sites != nil {
		if ws.Memory == nil {
			ws.Memory = map[string]any{}
		}
		ws.Memory[ceremony] = ended{changed, sites}
	}
	return sites, err
}

// changed is when something was put into a ceremony's folder last: a time that cannot be
// set.
func changed(all *disk.Folder, ceremony string) (int64, error) {
	info, err := all.Lstat(ceremony)
	if err != nil {
		return 0, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ctim.Nano(), nil
	}
	return 0, nil
}

func readEnds(all *disk.Folder, ceremony string) ([]EndedSite, error) {
	folder, err := all.Sub(ceremony)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.List(".")
	if err != nil {
		return nil, err
	}
	var sites []EndedSite
	for _, site := range names {
		if !disk.Names.MatchString(site) {
			continue
		}
		end, err := transcript.End(folder, site)
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
		sites = append(sites, EndedSite{end.Time, finished.Signed})
	}
	return sites, nil
}
