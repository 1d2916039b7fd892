package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Status is what is signed, what expires when, and what is waiting.
type Status struct {
	Fleet        string                   `json:"fleet"`
	Fake         string                   `json:"fake,omitempty"` // the ceremony of which this is a rehearsal
	Repositories []RepositoryStatus       `json:"repositories"`
	Open         []plan.Ceremony          `json:"under-way,omitempty"` // begun and not ended
	Planned      []plan.Ceremony          `json:"planned,omitempty"`   // not begun
	Sites        map[string][]sites.State `json:"sites,omitempty"`     // of those that are under way at several, by ceremony
	Left         []ceremonies.Left        `json:"left,omitempty"`      // keys of aborted ceremonies that nothing lists
	Missed       []Missed                 `json:"missed,omitempty"`    // their past is gone, or was changed
	Rehearsals   []RehearsalStatus        `json:"rehearsals,omitempty"`
	Drill        DrillStatus              `json:"drill"`
	Kits         []kits.State             `json:"kits,omitempty"` // sealed, for emergencies

	published bool // it is that of a published repository: nothing can be planned here
}

// RepositoryStatus is the status of one repository.
type RepositoryStatus struct {
	Name   string       `json:"name"`
	Format string       `json:"format"`
	Roles  []RoleStatus `json:"roles"`
	Server []roles.Due  `json:"server,omitempty"` // what it has to sign over what is signed here
	Lost   []LostFile   `json:"lost,omitempty"`   // suppliers' files that are of no use, or wait
	Odd    []signed.Odd `json:"odd,omitempty"`    // files that can be looked at and no more

	used map[digest.SHA256]bool // keys that what is signed lists
}

// ReadStatus verifies and describes every repository of a workspace.
func ReadStatus(ws *workspace.Workspace, now time.Time) (*Status, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	used := map[digest.SHA256]bool{} // keys that are signed for
	status := &Status{Sites: map[string][]sites.State{}, Fleet: trust.Fleet}
	if r, err := ws.Rehearsal(); err != nil {
		return nil, err
	} else if r != nil {
		status.Fake = r.Of
	}
	for _, name := range trust.RepositoryNames() {
		repo, err := repositoryStatus(ws, trust.Repositories[name], site, now)
		if err != nil {
			return nil, err
		}
		status.Repositories = append(status.Repositories, repo)
		maps.Copy(used, repo.used)
	}
	if status.Rehearsals, err = rehearsals(ws, now); err != nil {
		return nil, err
	}
	if status.Drill, err = drillStatus(ws, now); err != nil {
		return nil, err
	}
	past, err := ceremonies.ReadUnfinished(ws)
	if err != nil {
		return nil, err
	}
	if status.Kits, err = kits.All(ws, past, now); err != nil {
		return nil, err
	}
	return status, status.ceremonies(ws, past, used)
}

// ceremonies reads which ceremonies have not ended.
func (s *Status) ceremonies(ws *workspace.Workspace, past *ceremonies.Past, used map[digest.SHA256]bool) error {
	var err error
	if s.Missed, err = missed(ws); err != nil {
		return err
	}
	s.Left = past.AllLeft(used)
	for _, name := range past.Open {
		states, err := sites.States(ws, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a folder without a plan
		}
		if err != nil {
			return err
		}
		if states != nil {
			s.Sites[name] = states
		}
	}
	for _, names := range []struct {
		from []string
		into *[]plan.Ceremony
	}{{past.Open, &s.Open}, {past.Planned, &s.Planned}} {
		for _, name := range names.from {
			c, err := plan.Describe(ws, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // a folder without a plan
			}
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(s.Missed, func(m Missed) bool { return m.Name == name }) {
				*names.into = append(*names.into, c)
			}
		}
	}
	return nil
}

func repositoryStatus(ws *workspace.Workspace, repo *workspace.Repository, site *workspace.Site, now time.Time) (RepositoryStatus, error) {
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return RepositoryStatus{}, err
	}
	state, err := signed.Look(ws, repo.Name, format)
	if err != nil {
		return RepositoryStatus{}, err
	}
	held, err := ws.Held()
	if err != nil {
		return RepositoryStatus{}, err
	}
	state.Server = repo.Server(held)
	used := map[digest.SHA256]bool{}
	for _, keys := range state.Keys() {
		for _, k := range keys {
			used[digest.SHA256(k.Fingerprint)] = true
		}
	}
	policy, err := repo.LoadPolicy(ws.View)
	if err != nil {
		return RepositoryStatus{}, err
	}
	lead := func(role string) time.Duration { return repo.Lead(role, policy) }
	r, names := RepositoryStatus{used: used, Name: repo.Name, Format: repo.Format, Odd: state.Odd()}, workspace.KeyNames(ws.Dir)
	if r.Odd != nil {
		r.look(repo, state, site, lead, now)
		return r, nil
	}
	if err := state.Verify(); err != nil {
		return RepositoryStatus{}, err
	}
	r.Lost = lostFiles(state)
	for _, role := range repo.Order() {
		s := roleStatus(repo, role, state, site, lead, now)
		if err := s.signers(state, names); err != nil {
			return RepositoryStatus{}, err
		}
		s.before(state.RootBody(), names)
		r.Roles = append(r.Roles, s)
	}
	if state.Root() != nil {
		r.Server = state.Due(repo, nil, state.IsVoid)
	}
	return r, nil
}

// look describes what is there, of which nothing is verified.
func (r *RepositoryStatus) look(repo *workspace.Repository, state *signed.State, site *workspace.Site, lead func(role string) time.Duration, now time.Time) {
	for _, role := range repo.Order() {
		r.Roles = append(r.Roles, roleStatus(repo, role, state, site, lead, now))
	}
}

// Waiting is an error with code Incomplete when something is overdue or of no use,
// or a ceremony is under way; with code Unverified when a past one is missed, or when
// nothing can be signed on top of what is there.
func (s *Status) Waiting() error {
	var why []string
	for _, m := range s.Missed {
		why = append(why, m.Name+": "+m.What)
	}
	if why != nil {
		return fault.Errorf(fault.Unverified, "%s", strings.Join(why, "; ")).
			Hint("restore the transcript from the last bundle, or from the copies of the witnesses, and compare their papers").
			Hint("keyrite transcript verify looks at all of them")
	}
	hint := ""
	for _, r := range s.Repositories {
		if r.Odd != nil {
			return fault.Errorf(fault.Unverified, "%s", oddText(r.Odd))
		}
		waiting, here := r.waiting()
		open := slices.ContainsFunc(s.Open, func(c plan.Ceremony) bool { return c.Repository == r.Name })
		if why = append(why, waiting...); here && !open && hint == "" { // beside an open one no plan is made
			hint = r.Name
		}
	}
	for _, c := range s.Open {
		why = append(why, fmt.Sprintf("%s is under way", c.Name))
	}
	for _, k := range s.Kits {
		if k.Stale != nil {
			why = append(why, fmt.Sprintf("the emergency kit %s is stale: %s", k.Name, kit.Joined(k.Stale)))
		}
	}
	if s.Drill.Overdue {
		why = append(why, "no backup was restored for trial since "+s.Drill.Due.Add(-drillEvery).Format(time.DateOnly))
	}
	if why == nil {
		return nil
	}
	err := fault.Errorf(fault.Incomplete, "%s", strings.Join(why, "; "))
	for _, c := range s.Open {
		err.Hint("continue it: keyrite run %s", c.Name)
	}
	if hint != "" && !s.published {
		err.Hint("keyrite plan %s proposes what is due", hint)
	}
	return err
}

// waiting says what of a repository is overdue, due, void or missing, and whether a
// ceremony at this site can mend some of it.
func (r *RepositoryStatus) waiting() (why []string, here bool) {
	for _, lost := range r.Lost {
		why = append(why, r.Name+" "+lost.Text(r.Name))
	}
	for _, role := range r.Roles {
		text := role.waiting()
		if text != "" {
			why = append(why, fmt.Sprintf("%s %s %s", r.Name, role.Role, text))
			here = here || !role.Elsewhere
		}
	}
	return why, here
}
