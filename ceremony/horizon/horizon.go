package horizon

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Horizon is what falls due, what it takes, and how old keys and their custody are.
type Horizon struct {
	Fleet string      `json:"fleet"`
	ID    string      `json:"-"` // of the fleet's repositories, for identifiers that last
	At    time.Time   `json:"at"`
	Items []Item      `json:"items"` // in the order in which they are due
	Next  []Gathering `json:"next"`  // in that order, too
	Keys  []Key       `json:"keys,omitempty"`
	Drill time.Time   `json:"last-drill,omitzero"` // of the last backup that was restored for trial
}

// Item is one thing that falls due.
type Item struct {
	What       string    `json:"what"` // such as "renew image root 3"
	Repository string    `json:"repository,omitempty"`
	Role       string    `json:"role,omitempty"`
	Kit        string    `json:"kit,omitempty"` // the emergency kit that it is about
	Version    int64     `json:"version,omitempty"`
	Keys       int       `json:"keys,omitempty"`
	Threshold  int       `json:"threshold,omitempty"`
	By         time.Time `json:"by"` // it is due
	In         string    `json:"-"`  // until then, in words
	Expires    time.Time `json:"expires,omitzero"`
	Mark       Mark      `json:"mark"`
	Here       bool      `json:"here"`    // some key of it is at this site
	Command    string    `json:"command"` // that does it, where it can be done here
}

// Mark is how near something is.
type Mark string

// Every Mark, from near to far. The days are those before it is due.
const (
	Expired Mark = "expired"
	Now     Mark = "now"
	Day     Mark = "1 day"
	Week    Mark = "7 days"
	Month   Mark = "30 days"
	Later   Mark = "later"
)

// markOf is how near a due date is.
func markOf(now, by, expires time.Time) Mark {
	left := by.Sub(now)
	switch {
	case !expires.IsZero() && !now.Before(expires):
		return Expired
	case left <= 0:
		return Now
	case left <= words.Day:
		return Day
	case left <= 7*words.Day:
		return Week
	case left <= 30*words.Day:
		return Month
	}
	return Later
}

// IsDue says whether it has to be done now.
func (i Item) IsDue() bool { return i.Mark == Now || i.Mark == Expired }

// Of says what of a status falls due when. It reads no transcript but that of
// custody; [Horizon.AddKeys] does.
func Of(ws *workspace.Workspace, status *audit.Status, now time.Time) (*Horizon, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	h := &Horizon{Fleet: status.Fleet, At: now, Items: []Item{}, Next: []Gathering{}}
	for _, name := range trust.RepositoryNames() {
		h.ID += trust.Repositories[name].LedgerID().String()[:8]
	}
	for _, r := range status.Repositories {
		if r.Odd == nil {
			h.repository(r)
		}
	}
	h.drill(status.Drill)
	h.kits(status.Kits)
	h.sort()
	return h, h.gather(ws, trust, status)
}

func (h *Horizon) sort() {
	slices.SortStableFunc(h.Items, func(a, b Item) int { return cmp.Or(a.By.Compare(b.By), cmp.Compare(a.What, b.What)) })
}

// repository adds the files of one repository that people renew.
func (h *Horizon) repository(r audit.RepositoryStatus) {
	if r.Roles[0].Version == 0 {
		h.add(Item{What: "sign " + r.Name + " for the first time", Repository: r.Name, By: h.At, Here: true, Command: "keyrite plan " + r.Name})
		return
	}
	for _, role := range r.Roles {
		i := Item{
			Repository: r.Name, Role: role.Role, Version: role.Version, Keys: len(role.Keys), Threshold: role.Threshold,
			What: fmt.Sprintf("renew %s %s %d", r.Name, role.Role, role.Version), By: role.Renew, Expires: role.Expires, Here: !role.Elsewhere,
			Command: fmt.Sprintf("keyrite plan %s --renew %s", r.Name, role.Role),
		}
		switch {
		case role.Server, role.Version == 0 && role.Elsewhere:
			continue
		case role.Version == 0:
			i.What, i.By, i.Command = fmt.Sprintf("sign %s %s", r.Name, role.Role), h.At, "keyrite plan "+r.Name
		case role.Elsewhere:
			i.Command = ""
		}
		h.add(i)
	}
}

func (h *Horizon) add(i Item) {
	i.In, i.Mark = "now", markOf(h.At, i.By, i.Expires)
	if !i.IsDue() {
		i.In = words.Between(h.At, i.By)
	}
	h.Items = append(h.Items, i)
}

// drill adds the next trial of a backup, once a ceremony has been held.
func (h *Horizon) drill(d audit.DrillStatus) {
	if h.Drill = d.Last; !d.Due.IsZero() {
		h.add(Item{What: "backup drill", By: d.Due, Here: true, Command: "keyrite backup -o FILE && keyrite drill FILE"})
	}
}

// kits adds when emergency kits are to be sealed anew; those that are of no use, now.
func (h *Horizon) kits(list []kits.State) {
	for _, k := range list {
		by := k.Due
		if k.Stale != nil {
			by = h.At
		}
		if !by.IsZero() {
			h.add(Item{What: "seal emergency kit " + k.Name + " anew", Kit: k.Name, Version: k.Root, By: by, Expires: k.Expires, Here: true, Command: "keyrite kit"})
		}
	}
}
