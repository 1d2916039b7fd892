package horizon

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Gathering is a ceremony that is to be held, and those it takes.
type Gathering struct {
	Repository string    `json:"repository"`
	Roles      []string  `json:"roles"` // that are due
	By         time.Time `json:"by"`
	In         string    `json:"-"`
	Expires    time.Time `json:"expires,omitzero"` // of the first that does
	Mark       Mark      `json:"mark"`
	Need       []Need    `json:"need"`
	Besides    []string  `json:"besides,omitempty"` // who else has to be there
	Command    string    `json:"command"`
}

// Need is a threshold that must be met.
type Need struct {
	Of        string   `json:"of"` // role, or previous root
	Threshold int      `json:"threshold"`
	From      []Holder `json:"from"`
}

// Holder is who can bring one signature, with what.
type Holder struct {
	Key       string `json:"key"`
	Custodian string `json:"custodian"`
	Name      string `json:"name,omitempty"`   // by people.yaml
	Token     string `json:"token,omitempty"`  // name in site.yaml
	Serial    string `json:"serial,omitempty"` // of the token that made the key
	Here      bool   `json:"here"`             // the token is one of this site
}

// together is how near to each other files of a repository are due that one ceremony
// renews.
const together = 7 * words.Day

// gatherer knows who has what.
type gatherer struct {
	trust   *workspace.Trust
	site    *workspace.Site
	records map[string]*workspace.KeyRecord
	names   map[string]string // of people, by part
}

// gather finds who must come for what is due, one ceremony after the other.
func (h *Horizon) gather(ws *workspace.Workspace, trust *workspace.Trust, status *audit.Status) (err error) {
	g := gatherer{trust: trust}
	if g.site, err = ws.Site(); err != nil {
		return err
	}
	if g.records, err = ws.Keys(); err != nil {
		return err
	}
	if g.names, err = namesOf(ws); err != nil {
		return err
	}
	for i, item := range h.Items {
		if item.Repository == "" || h.gathered(item) {
			continue
		}
		next := Gathering{Repository: item.Repository, By: item.By, In: item.In, Expires: item.Expires, Mark: item.Mark, Command: item.Command}
		for _, other := range h.Items[i:] {
			if other.Repository == item.Repository && other.By.Sub(item.By) < together && !h.gathered(other) {
				next.Roles = append(next.Roles, other.Role)
			}
		}
		g.fill(&next, status)
		h.Next = append(h.Next, next)
	}
	return nil
}

func namesOf(ws *workspace.Workspace) (map[string]string, error) {
	list, err := ws.Names()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range list.People {
		names[p.Part] = p.Name
	}
	return names, nil
}

func (h *Horizon) gathered(i Item) bool {
	return slices.ContainsFunc(h.Next, func(g Gathering) bool { return g.Repository == i.Repository && slices.Contains(g.Roles, i.Role) })
}

// fill says whose signatures a ceremony needs, in the order in which they are made.
func (g *gatherer) fill(next *Gathering, status *audit.Status) {
	i := slices.IndexFunc(status.Repositories, func(r audit.RepositoryStatus) bool { return r.Name == next.Repository })
	repo := g.trust.Repositories[next.Repository]
	signs := g.signs(next.Roles, status.Repositories[i])
	for _, role := range status.Repositories[i].Roles {
		if !signs[role.Role] {
			continue
		}
		if role.Before != nil {
			next.Need = append(next.Need, g.need("previous root", role.BeforeThreshold, role.Before, repo))
		}
		next.Need = append(next.Need, g.need(role.Role, role.Threshold, role.Keys, repo))
	}
	next.Besides = g.besides()
	if next.Roles[0] != "" && next.Command != "" {
		next.Command = fmt.Sprintf("keyrite plan %s --renew %s", repo.Name, strings.Join(next.Roles, ","))
	}
}

// signs are the roles that are signed for those that are due: snapshot states the new
// targets, and timestamp the new snapshot.
func (g *gatherer) signs(due []string, r audit.RepositoryStatus) map[string]bool {
	signs, here := map[string]bool{}, map[string]bool{}
	for _, role := range r.Roles {
		here[role.Role] = !role.Server && !role.Elsewhere
		signs[role.Role] = slices.Contains(due, role.Role) || slices.Contains(due, "") && here[role.Role]
	}
	for role := range maps.Clone(signs) {
		if signs[role] && role != "root" && role != "timestamp" {
			signs["snapshot"] = signs["snapshot"] || here["snapshot"]
			signs["timestamp"] = signs["timestamp"] || here["timestamp"]
		}
	}
	return signs
}

func (g *gatherer) need(of string, threshold int, keys []string, repo *workspace.Repository) Need {
	n := Need{Of: of, Threshold: threshold}
	for _, key := range keys {
		h := Holder{Key: key, Custodian: repo.Custodian(key)}
		h.Name = g.names[h.Custodian]
		h.Token, h.Here = g.site.Keys[key]
		if r := g.records[key]; r.OnToken() {
			h.Serial = r.Token.Serial
		}
		n.From = append(n.From, h)
	}
	return n
}

// besides are those whom trust.yaml wants to be there and who sign nothing.
func (g *gatherer) besides() (list []string) {
	for _, p := range []struct {
		n    int
		part string
	}{{g.trust.People.Administrator, "administrator"}, {g.trust.People.Witnesses, "internal witness"}, {g.trust.People.ExternalWitnesses, "external witness"}} {
		name := g.names[p.part]
		switch {
		case p.n == 1 && name != "":
			list = append(list, fmt.Sprintf("%s (%s)", name, p.part))
		case p.n > 0:
			list = append(list, fmt.Sprintf("%d × %s", p.n, p.part))
		}
	}
	return list
}

// Title says what is to be done, and by when.
func (n Gathering) Title() string {
	what := "renew " + words.List(n.Roles)
	if n.Roles[0] == "" {
		what = "sign all"
	}
	when := fmt.Sprintf("by %s, in %s", n.By.Format(time.DateOnly), n.In)
	if n.Mark == Now || n.Mark == Expired {
		when = "now"
	}
	return fmt.Sprintf("%s: %s of %s", when, what, n.Repository)
}

// String is who brings the signature, in one line.
func (h Holder) String() string {
	who, with := h.Custodian, "key "+h.Key
	if h.Name != "" {
		who = fmt.Sprintf("%s (%s)", h.Name, h.Custodian)
	}
	switch {
	case h.Here:
		with = fmt.Sprintf("token %s, %s", h.Token, with)
	case h.Serial != "":
		with = fmt.Sprintf("token with serial %s, of another site, %s", h.Serial, with)
	default:
		with += ", of another site"
	}
	return who + ": " + with
}
