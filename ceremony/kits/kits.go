package kits

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// State is an emergency kit as it stands now.
type State struct {
	Name       string            `json:"name"`
	Repository string            `json:"repository,omitempty"`
	Root       int64             `json:"root,omitempty"` // its version
	Expires    time.Time         `json:"expires,omitzero"`
	Due        time.Time         `json:"due,omitzero"`      // it is to be sealed anew
	Replace    map[string]string `json:"replace,omitempty"` // new names of keys by old ones
	Signers    []string          `json:"signers,omitempty"`
	Lacks      []kit.Lack        `json:"lacks,omitempty"`
	SHA256     digest.SHA256     `json:"sha256,omitzero"` // of the file
	Ceremony   string            `json:"ceremony,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Stale      []kit.Misfit      `json:"stale,omitempty"`  // why nobody can complete it, or soon cannot
	Absent     bool              `json:"absent,omitempty"` // it is kept elsewhere: a ceremony here sealed it
}

// All are the emergency kits of a workspace: those whose files lie here, and those that
// a ceremony sealed for a root that is still to come. The past is that of all
// repositories, as [ceremonies.ReadUnfinished] reads it.
func All(ws *workspace.Workspace, past *ceremonies.Past, now time.Time) ([]State, error) {
	names, err := kit.Names(ws)
	if err != nil {
		return nil, err
	}
	list := []State{}
	for _, name := range names {
		k, err := kit.Read(ws, name)
		if err != nil {
			list = append(list, State{Name: name, Stale: []kit.Misfit{kit.Unread(err)}})
			continue
		}
		list = append(list, Of(ws, past, k, now))
	}
	away, err := elsewhere(ws, past, names, now)
	return append(list, away...), err
}

// elsewhere are the kits whose files do not lie here, as long as no root is signed in
// their place. What is there instead is verified first: whoever has the disk can give any
// file that name. Where it is not sound, the kit is named, with the reason.
func elsewhere(ws *workspace.Workspace, past *ceremonies.Past, here []string, now time.Time) (list []State, err error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	for _, s := range past.Sealed() {
		of, err := ceremonies.RepositoryOf(s.Ceremony)
		repo := trust.Repositories[of]
		if err != nil || repo == nil || slices.Contains(here, s.Kit) {
			continue
		}
		newest, err := newestRoot(ws, repo)
		if err == nil && newest >= s.Version {
			continue
		}
		state := absent(ws, repo, s, now)
		if err != nil {
			state.Stale = append(state.Stale, kit.NotJudged(err))
		}
		list = append(list, state)
	}
	return list, nil
}

// newestRoot is the version of the newest root, 0 for none, where all that is signed is
// verified.
func newestRoot(ws *workspace.Workspace, repo *workspace.Repository) (int64, error) {
	state, err := signed.Of(ws.Folder, repo)
	if err != nil {
		return 0, err
	}
	return state.Version("root"), state.Verify()
}

// absent is one that is kept elsewhere. When it expires, the plan of its ceremony says,
// if that is here.
func absent(ws *workspace.Workspace, repo *workspace.Repository, s ceremonies.Signature, now time.Time) State {
	state := State{Name: s.Kit, Repository: repo.Name, Root: s.Version, Ceremony: s.Ceremony, Absent: true}
	sealing, _, err := plan.Read(ws, s.Ceremony)
	if err != nil {
		return state
	}
	policy, err := repo.LoadPolicy(workspace.View{Files: ws.Folder})
	if err != nil {
		return state
	}
	for _, f := range sealing.Files {
		if f.Role == "root" && f.Version == s.Version {
			state.Expires, state.Due = f.Expires, f.Expires.Add(-repo.Lead("root", policy))
		}
	}
	if !state.Due.IsZero() && !now.Before(state.Due) {
		state.Stale = []kit.Misfit{kit.Expires(state.Expires)}
	}
	return state
}

// Of holds a kit against what is declared and signed now.
func Of(ws *workspace.Workspace, past *ceremonies.Past, k *kit.Kit, now time.Time) State {
	state := State{
		Name: k.Name, Repository: k.Repository, Root: k.Root, Expires: k.Expires, Replace: k.Replace, Signers: k.Signers(),
		Lacks: k.Lacks, SHA256: k.Sum, Ceremony: k.Ceremony, Reason: k.Reason,
	}
	why, s, err := unfitAt(ws, past, k, now)
	if err != nil {
		state.Stale = []kit.Misfit{kit.NotJudged(err)}
		return state
	}
	state.Due = k.Expires.Add(-s.Repo.Lead("root", s.Policy))
	if state.Stale = why; why == nil && !now.Before(state.Due) {
		state.Stale = []kit.Misfit{kit.Expires(k.Expires)}
	}
	return state
}

// unfitAt says why a kit cannot be completed at a time, once trust.yaml names its keys.
// A finished ceremony that signed another root in its place has left it in the metadata.
func unfitAt(ws *workspace.Workspace, past *ceremonies.Past, k *kit.Kit, now time.Time) ([]kit.Misfit, *scene.Scene, error) {
	s, err := scene.Read(declare.Replacing(ws.Folder, k.Repository, k.Replace), k.Repository, now)
	if err != nil {
		return nil, nil, err
	}
	if err := s.Signed.Verify(); err != nil {
		return nil, nil, err
	}
	return kit.Unfit(s, past, k, now), s, nil
}
