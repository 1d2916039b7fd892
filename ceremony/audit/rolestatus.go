package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// RoleStatus is the status of one role.
type RoleStatus struct {
	Role      string    `json:"role"`
	Version   int64     `json:"version"` // 0: not signed
	Expires   time.Time `json:"expires,omitzero"`
	In        string    `json:"-"`              // until then, in words
	Renew     time.Time `json:"renew,omitzero"` // when it is due for renewal
	Due       bool      `json:"due"`            // it is, and has not expired
	Overdue   bool      `json:"overdue"`
	Elsewhere bool      `json:"elsewhere"`      // no key of it is at this site
	Server    bool      `json:"server"`         // a server signs it: the file is the last that is known
	Void      int64     `json:"void,omitempty"` // the root whose keys signed it, which a newer one has replaced; no client takes it
	Threshold int       `json:"threshold"`
	Keys      []string  `json:"keys"` // as trust.yaml declares them
	SignedBy  []string  `json:"signed-by,omitempty"`
	Images    int       `json:"images,omitempty"`

	// Before are the keys of the root that is signed, and BeforeThreshold how many of
	// them sign the next one, where trust.yaml declares others.
	Before          []string `json:"before,omitempty"`
	BeforeThreshold int      `json:"before-threshold,omitempty"`
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

// before says who has to sign the next root besides those who are declared.
func (s *RoleStatus) before(root *roles.Root, name func(roles.Key) string) {
	if s.Role != "root" || root == nil || name == nil {
		return
	}
	old := root.Role("root")
	var keys []string
	for _, k := range root.Keys {
		if slices.Contains(old.KeyIDs, k.ID) {
			keys = append(keys, name(k))
		}
	}
	declared := slices.Sorted(slices.Values(s.Keys))
	if slices.Sort(keys); old.Threshold != s.Threshold || !slices.Equal(keys, declared) {
		s.Before, s.BeforeThreshold = keys, old.Threshold
	}
}

// place is where trust.yaml lists a key of the role; after all others if it does not.
func (s *RoleStatus) place(key string) int {
	if i := slices.Index(s.Keys, key); i >= 0 {
		return i
	}
	return len(s.Keys)
}

func roleStatus(repo *workspace.Repository, role string, state *signed.State, site *workspace.Site, lead func(role string) time.Duration, now time.Time) RoleStatus {
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
		s.Renew = s.Expires.Add(-lead(role))
		s.Overdue = !s.Server && !now.Before(s.Expires)
		s.Due = !s.Server && !s.Overdue && !now.Before(s.Renew)
	}
	if t := state.Targets(role); t != nil {
		s.Images = len(t.Images)
	}
	return s
}

// waiting says what is to be done about a role, "" for nothing.
func (s RoleStatus) waiting() string {
	switch {
	case s.Void != 0:
		return fmt.Sprintf("%d is void, its keys were replaced", s.Version)
	case s.Overdue:
		return "expired on " + s.ExpiresText()
	case s.Due:
		return "is due, renew now: it expires on " + s.ExpiresText()
	case s.Version == 0 && !s.Elsewhere:
		return "is not signed yet"
	}
	return ""
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
