package ceremonies

import (
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Left is a key that this site made in a ceremony which was aborted then. Nobody has
// said yet what becomes of it.
type Left struct {
	Key         string        `json:"key"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
	Ceremony    string        `json:"ceremony"`
}

// leftBy notes the keys of a ceremony that this site has aborted.
func (p *Past) leftBy(ws *workspace.Workspace, name, site string, finished bool) error {
	if finished || site != p.own {
		return nil
	}
	events, err := transcript.Read(ws.Folder, SiteDir(name, site))
	for _, e := range events {
		switch d := e.Data.(type) {
		case transcript.Generated:
			p.left[d.Fingerprint] = Left{d.Key, d.Fingerprint, name}
		case transcript.Destroyed:
			delete(p.left, d.Fingerprint)
		}
	}
	return err
}

// Left is the key of that value, if a ceremony left it.
func (p *Past) Left(fingerprint digest.SHA256) (Left, bool) {
	left, is := p.left[fingerprint]
	return left, is
}

// AllLeft are those that no file in used lists, by name.
func (p *Past) AllLeft(used map[digest.SHA256]bool) []Left {
	list := slices.DeleteFunc(slices.Collect(maps.Values(p.left)), func(l Left) bool { return used[l.Fingerprint] })
	slices.SortFunc(list, func(a, b Left) int { return strings.Compare(a.Key+" "+a.Ceremony, b.Key+" "+b.Ceremony) })
	return list
}
