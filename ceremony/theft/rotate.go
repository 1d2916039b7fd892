package theft

import (
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Rotated is what Rotate wrote.
type Rotated struct {
	Replaced map[string]string `json:"replaced"`         // new names of keys by old ones, in trust.yaml
	Tokens   map[string]string `json:"tokens,omitempty"` // by new names, in site.yaml
}

// Rotate has trust.yaml name new keys in the place of those that a theft or a loss takes
// away, so that a plan follows from it. One that goes only beside a stolen key stays with
// its custodian, and its successor comes onto the same token; which token the others
// come onto, people say.
func Rotate(ws *workspace.Workspace, t *Assessment) (*Rotated, error) {
	r := &Rotated{Replaced: t.Replace, Tokens: map[string]string{}}
	if len(t.Replace) == 0 {
		return r, nil
	}
	if err := declare.EditTrust(ws, func(text []byte) ([]byte, error) { return declare.ReplaceKeys(text, t.Repository, t.Replace) }); err != nil {
		return nil, err
	}
	_, err := declare.EditSite(ws, func(e *declare.SiteEdit) error {
		for _, old := range t.kept() {
			token, here := e.Keys()[old]
			if !here {
				continue
			}
			r.Tokens[t.Replace[old]] = token
			if err := e.SetKey(t.Replace[old], token); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

// kept are the keys that are replaced though nobody else has them.
func (t *Assessment) kept() (keys []string) {
	for _, old := range slices.Sorted(maps.Keys(t.Replace)) {
		if !slices.Contains(t.Stolen, old) && !slices.Contains(t.Lost, old) {
			keys = append(keys, old)
		}
	}
	return keys
}

// replacements gives each key of the rotation that is still declared the next name that
// nothing has.
func (t *Assessment) replacements(s *scene.Scene) map[string]string {
	taken := map[string]bool{}
	for _, name := range s.Ring.Recorded() {
		taken[name] = true
	}
	for _, repo := range s.Trust.Repositories {
		for _, name := range repo.KeyNames {
			taken[name] = true
		}
	}
	out := map[string]bool{}
	for _, r := range t.Rotation {
		for _, name := range slices.Concat(r.Out, r.Beside) {
			out[name] = true
		}
	}
	replace := map[string]string{}
	for _, old := range s.Repo.KeyNames {
		if out[old] {
			replace[old] = nextName(old, taken)
			taken[replace[old]] = true
		}
	}
	return replace
}

var numbered = regexp.MustCompile(`^(.*)-([1-9][0-9]{0,3})$`)

// nextName is a name like root-a-2 for root-a, and snapshot-3 for snapshot-2.
func nextName(name string, taken map[string]bool) string {
	n := 1
	if m := numbered.FindStringSubmatch(name); m != nil {
		name = m[1]
		n, _ = strconv.Atoi(m[2])
	}
	for n++; taken[name+"-"+strconv.Itoa(n)]; n++ {
	}
	return name + "-" + strconv.Itoa(n)
}
