package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Missed is a ceremony whose past is gone or was changed.
type Missed struct {
	Name   string     `json:"name"` // of the ceremony
	Missed MissedKind `json:"missed"`
	Site   string     `json:"site,omitempty"`  // whose transcript it is
	Files  []string   `json:"files,omitempty"` // that are there all the same
	What   string     `json:"what"`            // with that, in words
}

// MissedKind is what became of the past of a ceremony.
type MissedKind string

// Every MissedKind.
const (
	MissedGone    MissedKind = "transcript-gone"    // what else a site wrote is there
	MissedChanged MissedKind = "transcript-changed" // its lines do not hold together
	MissedWhole   MissedKind = "never-run"          // no site has a transcript, and all that it makes is in place
)

// looked is how many ceremonies of a repository, the newest, status reads whole: of
// older ones it believes the last line, and keyrite transcript verify reads them all.
const looked = 8

// missed looks for ceremonies that were held and whose transcript is gone, by what they
// left, and for transcripts that do not hold together.
func missed(ws *workspace.Workspace) (list []Missed, err error) {
	names, err := ceremonies.Names(ws)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{} // by repository
	for _, name := range slices.Backward(names) {
		of, err := ceremonies.RepositoryOf(name)
		if seen[of]++; err != nil || seen[of] > looked {
			continue
		}
		what, err := missedOf(ws, name)
		if err != nil {
			return nil, err
		}
		if what != nil {
			what.Name = name
			list = append(list, *what)
		}
	}
	return list, nil
}

// missedOf is what is wrong with the past of one ceremony, nil for nothing.
func missedOf(ws *workspace.Workspace, name string) (*Missed, error) {
	sites, err := ceremonies.Sites(ws, name)
	if err != nil {
		return nil, err
	}
	begun := 0
	for _, site := range sites {
		_, err := transcript.Read(ws, ceremonies.SiteDir(name, site))
		left, listErr := ws.List(ceremonies.SiteDir(name, site))
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(left) > 0 && listErr == nil:
			return &Missed{Missed: MissedGone, Site: site, Files: left, What: fmt.Sprintf("the transcript of %s/%s is gone, but %s is there", name, site, words.List(left))}, nil
		case errors.Is(err, fs.ErrNotExist):
		case err != nil && !torn(ws, name, site):
			return &Missed{Missed: MissedChanged, Site: site, What: err.Error()}, nil
		default:
			begun++
		}
	}
	if begun > 0 {
		return nil, nil
	}
	return inPlace(ws, name)
}

// torn says whether a crash has cut the last line: the next run takes it away.
func torn(ws *workspace.Workspace, name, site string) bool {
	end, err := transcript.End(ws.Folder, ceremonies.SiteDir(name, site))
	return err == nil && end == nil
}

// inPlace tells of a plan of which nobody says that it was run, but whose files are all
// there.
func inPlace(ws *workspace.Workspace, name string) (*Missed, error) {
	p, _, err := plan.Read(ws, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, output := range p.Outputs {
		if there, err := ws.Exists(output); err != nil || !there {
			return nil, err
		}
	}
	for _, f := range p.Files {
		if !f.Replaces.IsZero() {
			return nil, nil // under a name that was taken before: it says nothing
		}
	}
	if len(p.Outputs) == 0 {
		return nil, nil
	}
	return &Missed{Missed: MissedWhole, Files: p.Outputs, What: fmt.Sprintf("it has no transcript, but all that it makes is in place: %s", words.List(p.Outputs))}, nil
}
