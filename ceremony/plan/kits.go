package plan

import (
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Misfit is why a kit cannot be completed, and what can be done about that.
type Misfit struct {
	Why  string `json:"why"`
	Hint string `json:"hint,omitempty"`
}

func joined(list []Misfit) string {
	var why []string
	for _, m := range list {
		why = append(why, m.Why)
	}
	return strings.Join(why, "; ")
}

// Unfit says why a kit cannot be completed in a scene, which must be verified: nothing
// where it can. What the kit states counts for nothing here: its root must be the one
// that the scene makes, byte for byte, and its signatures must be of those bytes, by the
// keys of those names.
func Unfit(s *scene.Scene, past *ceremonies.Past, k *kit.Kit, now time.Time) (why []Misfit) {
	say := func(hint, format string, args ...any) { why = append(why, Misfit{fmt.Sprintf(format, args...), hint}) }
	if k.Fleet != s.Trust.Fleet || k.Repository != s.Repo.Name || k.Format != s.Repo.Format {
		say("", "it is a kit of fleet %s, repository %s (%s)", k.Fleet, k.Repository, k.Format)
		return why
	}
	if has := s.Signed.Version("root"); has+1 != k.Root {
		say("", "it holds root %d, and root has moved on to %d", k.Root, has)
		return why
	}
	if got := digest.Of(s.Signed.Root().Signed); got != k.Follows {
		say("", "it follows another root %d; got SHA-256 %s, want %s", k.Root-1, got, k.Follows)
	}
	if !now.Before(k.Expires) {
		say("", "its root has expired on %s", k.Expires.Format(time.DateOnly))
	}
	for _, other := range past.At("root", k.Root) {
		if other.SHA256 != k.SHA256 && other.Kit == "" {
			say("", "%s has signed another root %d", other.Ceremony, k.Root)
		}
	}
	if other := differing(s, k); other != nil {
		why = append(why, *other)
		return why
	}
	return append(why, unsigned(s, k)...)
}

// differing says how the root that trust.yaml declares differs from the one in a kit.
func differing(s *scene.Scene, k *kit.Kit) *Misfit {
	body, err := s.Body("root")
	if err != nil {
		return &Misfit{Why: err.Error()}
	}
	draft, err := s.Encode(body, scene.Next{Role: "root", Version: k.Root, Expires: k.Expires, Path: kit.Path(k.Name)})
	if err != nil {
		return &Misfit{Why: err.Error()}
	}
	if string(draft.Signed) == k.Bytes {
		return nil
	}
	m := &Misfit{Why: "trust.yaml and keys/ do not make the root that it holds: keys, thresholds or custody have changed, or are yet to be declared"}
	for old, instead := range k.Replace {
		if _, declared := s.Repo.Keys[old]; declared {
			m.Hint = fmt.Sprintf("keyrite plan %s --complete %s --rotate has trust.yaml name %s in the place of %s, as the kit has it", k.Repository, k.Name, instead, old)
		}
	}
	return m
}

// unsigned are the signatures of a kit that do not count.
func unsigned(s *scene.Scene, k *kit.Kit) (why []Misfit) {
	for _, by := range k.By {
		key, known := s.Ring.Keys[by.Key]
		value, err := base64.StdEncoding.Strict().DecodeString(by.Signature)
		switch {
		case !known || digest.SHA256(key.Fingerprint) != by.Fingerprint:
			why = append(why, Misfit{Why: fmt.Sprintf("%s, which has signed it, is another key now, or has no record", words.Quote(by.Key))})
		case err != nil || roles.VerifySignature(s.Key("root", by.Key), []byte(k.Bytes), value) != nil:
			why = append(why, Misfit{Why: "the signature by " + by.Key + " is not good"})
		}
	}
	return why
}

// KitState is an emergency kit as it stands now.
type KitState struct {
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
	Stale      []string          `json:"stale,omitempty"`  // why nobody can complete it, or soon cannot
	Absent     bool              `json:"absent,omitempty"` // it is kept elsewhere: a ceremony here sealed it
}

// Kits are the emergency kits of a workspace: those whose files lie here, and those that
// a ceremony sealed for a root that is still to come. The past is that of all
// repositories, as [ceremonies.ReadUnfinished] reads it.
func Kits(ws *workspace.Workspace, past *ceremonies.Past, now time.Time) ([]KitState, error) {
	names, err := kit.Names(ws)
	if err != nil {
		return nil, err
	}
	list := []KitState{}
	for _, name := range names {
		k, err := kit.Read(ws, name)
		if err != nil {
			list = append(list, KitState{Name: name, Stale: []string{err.Error()}})
			continue
		}
		list = append(list, StateOf(ws, past, k, now))
	}
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	for _, s := range past.Sealed() {
		of, err := ceremonies.RepositoryOf(s.Ceremony)
		if repo := trust.Repositories[of]; err == nil && repo != nil && !slices.Contains(names, s.Kit) && !hasRoot(ws, repo, s.Version) {
			list = append(list, absentKit(ws, repo, s, now))
		}
	}
	return list, nil
}

// absentKit is one that is kept elsewhere. When it expires, the plan of its ceremony says,
// if that is here.
func absentKit(ws *workspace.Workspace, repo *workspace.Repository, s ceremonies.Signature, now time.Time) KitState {
	state := KitState{Name: s.Kit, Repository: repo.Name, Root: s.Version, Ceremony: s.Ceremony, Absent: true}
	sealing, _, err := Read(ws, s.Ceremony)
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
		state.Stale = []string{expiresOn(state.Expires)}
	}
	return state
}

func expiresOn(t time.Time) string { return "its root expires on " + t.Format(time.DateOnly) }

// hasRoot says whether a root of that version is signed, the kit's or another one.
func hasRoot(ws *workspace.Workspace, repo *workspace.Repository, version int64) bool {
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return false
	}
	_, err = ws.Folder.Lstat(path.Join(signed.MetadataDir(repo.Name), format.MetadataPath("root", version)))
	return err == nil
}

// StateOf holds a kit against what is declared and signed now.
func StateOf(ws *workspace.Workspace, past *ceremonies.Past, k *kit.Kit, now time.Time) KitState {
	state := KitState{
		Name: k.Name, Repository: k.Repository, Root: k.Root, Expires: k.Expires, Replace: k.Replace, Signers: k.Signers(),
		Lacks: k.Lacks, SHA256: k.Sum, Ceremony: k.Ceremony, Reason: k.Reason,
	}
	why, s, err := unfitAt(ws, past, k, now)
	switch {
	case err != nil:
		state.Stale = []string{err.Error()}
	default:
		state.Due = k.Expires.Add(-s.Repo.Lead("root", s.Policy))
		if why == nil && !now.Before(state.Due) {
			why = []Misfit{{Why: expiresOn(k.Expires)}}
		}
	}
	for _, m := range why {
		state.Stale = append(state.Stale, m.Why)
	}
	return state
}

// unfitAt says why a kit cannot be completed at a time, once trust.yaml names its keys.
// A finished ceremony that signed another root in its place has left it in the metadata.
func unfitAt(ws *workspace.Workspace, past *ceremonies.Past, k *kit.Kit, now time.Time) ([]Misfit, *scene.Scene, error) {
	s, err := scene.Read(replacing(ws.Folder, k.Repository, k.Replace), k.Repository, now)
	if err != nil {
		return nil, nil, err
	}
	if err := s.Signed.Verify(); err != nil {
		return nil, nil, err
	}
	return Unfit(s, past, k, now), s, nil
}
