package audit

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Status is what is signed, what expires when, and what is waiting.
type Status struct {
	Fleet        string             `json:"fleet"`
	Fake         string             `json:"fake,omitempty"` // the ceremony of which this is a rehearsal
	Repositories []RepositoryStatus `json:"repositories"`
	Open         []plan.Ceremony    `json:"under-way,omitempty"` // begun and not ended
	Planned      []plan.Ceremony    `json:"planned,omitempty"`   // not begun
	Missed       []Missed           `json:"missed,omitempty"`    // their past is gone, or was changed
	Rehearsals   []RehearsalStatus  `json:"rehearsals,omitempty"`
}

// RepositoryStatus is the status of one repository.
type RepositoryStatus struct {
	Name   string       `json:"name"`
	Format string       `json:"format"`
	Roles  []RoleStatus `json:"roles"`
	Server []roles.Due  `json:"server,omitempty"` // what it has to sign over what is signed here
	Lost   []string     `json:"lost,omitempty"`   // suppliers' files that are of no use, and why
	Odd    []string     `json:"odd,omitempty"`    // files that can be looked at and no more, and why
}

// RoleStatus is the status of one role.
type RoleStatus struct {
	Role      string    `json:"role"`
	Version   int64     `json:"version"` // 0: not signed
	Expires   time.Time `json:"expires,omitzero"`
	In        string    `json:"in,omitempty"` // until then, in words
	Overdue   bool      `json:"overdue"`
	Elsewhere bool      `json:"elsewhere"`      // no key of it is at this site
	Server    bool      `json:"server"`         // a server signs it: the file is the last that is known
	Void      int64     `json:"void,omitempty"` // the root whose keys signed it, which a newer one has replaced; no client takes it
	Threshold int       `json:"threshold"`
	Keys      []string  `json:"keys"` // as trust.yaml declares them
	SignedBy  []string  `json:"signed-by,omitempty"`
	Images    int       `json:"images,omitempty"`
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
	status := &Status{Fleet: trust.Fleet}
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
	}
	if status.Rehearsals, err = rehearsals(ws, now); err != nil {
		return nil, err
	}
	return status, status.ceremonies(ws)
}

// ceremonies reads which ceremonies have not ended.
func (s *Status) ceremonies(ws *workspace.Workspace) error {
	var err error
	if s.Missed, err = missed(ws); err != nil {
		return err
	}
	past, err := ceremonies.ReadPast(ws, "", "")
	if err != nil {
		return err
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
	r, names := RepositoryStatus{Name: repo.Name, Format: repo.Format, Odd: state.Odd()}, workspace.KeyNames(ws.Dir)
	if r.Odd != nil {
		r.look(repo, state, site, now)
		return r, nil
	}
	if err := state.Verify(); err != nil {
		return RepositoryStatus{}, err
	}
	for _, reasons := range []map[string]error{state.Lost, state.Passed} {
		for _, role := range slices.Sorted(maps.Keys(reasons)) {
			r.Lost = append(r.Lost, fmt.Sprintf("%s: %v", role, reasons[role]))
		}
	}
	for _, role := range repo.Order() {
		s := roleStatus(repo, role, state, site, now)
		if err := s.signers(state, names); err != nil {
			return RepositoryStatus{}, err
		}
		r.Roles = append(r.Roles, s)
	}
	if state.Root() != nil {
		r.Server = state.Due(repo, nil, state.IsVoid)
	}
	return r, nil
}

// look describes what is there, of which nothing is verified.
func (r *RepositoryStatus) look(repo *workspace.Repository, state *signed.State, site *workspace.Site, now time.Time) {
	for _, role := range repo.Order() {
		r.Roles = append(r.Roles, roleStatus(repo, role, state, site, now))
	}
}

// signers says who signed the file of a role: its signatures, and not who is
// declared.
func (s *RoleStatus) signers(state *signed.State, name func(roles.Key) string) error {
	count, err := state.Count(s.Role)
	if err != nil || count == nil {
		return err
	}
	for _, k := range count.Valid {
		if name == nil { // keys/ is empty
			name = func(k roles.Key) string { return string(k.ID[:min(12, len(k.ID))]) + "…" }
		}
		s.SignedBy = append(s.SignedBy, name(k))
	}
	slices.SortStableFunc(s.SignedBy, func(a, b string) int { return cmp.Compare(s.place(a), s.place(b)) })
	s.Void, _ = state.Void(s.Role)
	return nil
}

// place is where trust.yaml lists a key of the role; after all others if it does not.
func (s *RoleStatus) place(key string) int {
	if i := slices.Index(s.Keys, key); i >= 0 {
		return i
	}
	return len(s.Keys)
}

func roleStatus(repo *workspace.Repository, role string, state *signed.State, site *workspace.Site, now time.Time) RoleStatus {
	keys, threshold := repo.Signers(role)
	s := RoleStatus{Role: role, Version: state.Version(role), Keys: keys, Threshold: threshold, Elsewhere: true}
	s.Server = slices.Contains(roles.From(state.Server), roles.Type(role))
	for _, key := range keys {
		if _, here := site.Keys[key]; here {
			s.Elsewhere = false
		}
	}
	if body := state.Body(role); body != nil {
		s.Expires = roles.HeadOf(body).Expires
		s.In = words.Between(now, s.Expires)
		s.Overdue = !s.Server && !now.Before(s.Expires)
	}
	if t := state.Targets(role); t != nil {
		s.Images = len(t.Images)
	}
	return s
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
	for _, r := range s.Repositories {
		if r.Odd != nil {
			return fault.Errorf(fault.Unverified, "%s", strings.Join(r.Odd, "; "))
		}
		for _, lost := range r.Lost {
			why = append(why, r.Name+" "+lost)
		}
		for _, role := range r.Roles {
			switch {
			case role.Void != 0:
				why = append(why, fmt.Sprintf("%s %s %d is void, its keys were replaced", r.Name, role.Role, role.Version))
			case role.Overdue:
				why = append(why, fmt.Sprintf("%s %s expired on %s", r.Name, role.Role, role.ExpiresText()))
			case role.Version == 0 && !role.Elsewhere:
				why = append(why, fmt.Sprintf("%s %s is not signed yet", r.Name, role.Role))
			}
		}
	}
	for _, c := range s.Open {
		why = append(why, fmt.Sprintf("%s is under way", c.Name))
	}
	if why == nil {
		return nil
	}
	return fault.Errorf(fault.Incomplete, "%s", strings.Join(why, "; "))
}

// The texts of a role for a table.

func (s RoleStatus) VersionText() string {
	if s.Version == 0 {
		return "-"
	}
	return fmt.Sprint(s.Version)
}

func (s RoleStatus) ExpiresText() string {
	if s.Version == 0 {
		return "-"
	}
	return s.Expires.Format("2006-01-02 15:04Z")
}

// maxSigners is how many keys a line names.
const maxSigners = 2

// SignersText is who signed, or who has to.
func (s RoleStatus) SignersText() string {
	text := fmt.Sprintf("needs %d of %d", s.Threshold, len(s.Keys))
	if s.SignedBy != nil {
		text = strings.Join(s.SignedBy[:min(len(s.SignedBy), maxSigners)], ", ")
		if more := len(s.SignedBy) - maxSigners; more > 0 {
			text += fmt.Sprintf(" +%d", more)
		}
	}
	switch {
	case s.Void != 0:
		text += ", void"
	case s.Server:
		text += ", a server"
	case s.Elsewhere:
		text += ", elsewhere"
	}
	return text
}

func (s RoleStatus) ImagesText() string {
	if s.Images == 0 {
		return ""
	}
	return fmt.Sprint(s.Images)
}
