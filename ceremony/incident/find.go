package incident

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Found is what to do.
type Found struct {
	Runbook  string    `json:"runbook"`            // name of the one to follow
	Affected []Concern `json:"affected,omitempty"` // repositories, by what of them is lost or stolen
	Commands []string  `json:"commands,omitempty"` // that plan it, or say what it means
}

// Concern is the keys of one repository that a case is about.
type Concern struct {
	Repository string   `json:"repository"`
	Keys       []string `json:"keys"`
}

// Find names the runbook of a case and the commands that plan it. Which one it is for
// stolen keys follows from what they sign, by trust.yaml: the worst counts.
func (c *Case) Find(trust *workspace.Trust, site *workspace.Site) (*Found, error) {
	s := c.situation()
	f := &Found{Runbook: s.runbook}
	switch s.of {
	case whichKeys:
		affected, err := concerns(trust, site, c.Of)
		if err != nil {
			return nil, err
		}
		f.Affected = affected
		for _, a := range f.Affected {
			if c.Happened == "stolen" {
				f.worse(theftOf(trust.Repositories[a.Repository], a.Keys))
			}
			f.Commands = append(f.Commands, fmt.Sprintf("keyrite plan %s --%s %s", a.Repository, c.Happened, strings.Join(a.Keys, ",")))
		}
	case whichRole:
		if f.Runbook = "signed-again-before-expiry"; slices.Contains(c.Of, "root") {
			f.Runbook = "yearly-renewal"
		}
		for _, name := range trust.RepositoryNames() {
			if known := known(trust.Repositories[name], c.Of); known != nil {
				f.Commands = append(f.Commands, fmt.Sprintf("keyrite plan %s --renew %s", name, strings.Join(known, ",")))
			}
		}
		if f.Commands == nil {
			problem := fault.Errorf(fault.Usage, "%s: no repository has such a role; want root, targets, snapshot, timestamp or a delegation", words.List(c.Of))
			for _, role := range c.Of {
				problem.Suggest(role, rolesOf(trust))
			}
			return nil, problem
		}
	}
	return f, nil
}

// rolesOf are the roles of all repositories.
func rolesOf(trust *workspace.Trust) (list []string) {
	for _, name := range trust.RepositoryNames() {
		list = append(list, trust.Repositories[name].Order()...)
	}
	return list
}

func known(repo *workspace.Repository, roles []string) (list []string) {
	for _, role := range repo.Order() {
		if slices.Contains(roles, role) {
			list = append(list, role)
		}
	}
	return list
}

// concerns finds keys by their names, and all keys of tokens by theirs.
func concerns(trust *workspace.Trust, site *workspace.Site, names []string) (list []Concern, err error) {
	wanted := map[string]bool{}
	for _, name := range names {
		if _, err := site.Token(name); err != nil {
			wanted[name] = true
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(site.Keys)) {
			if site.Keys[key] == name {
				wanted[key] = true
			}
		}
	}
	for _, name := range trust.RepositoryNames() {
		c := Concern{Repository: name}
		for _, key := range trust.Repositories[name].KeyNames {
			if wanted[key] {
				c.Keys = append(c.Keys, key)
				delete(wanted, key)
			}
		}
		if c.Keys != nil {
			list = append(list, c)
		}
	}
	if unknown := slices.Sorted(maps.Keys(wanted)); list == nil || unknown != nil {
		problem := fault.Errorf(fault.Usage, "%s: trust.yaml declares no such key, and site.yaml no such token", words.List(unknown))
		for _, name := range unknown {
			problem.Suggest(name, namesOf(trust, site))
		}
		return nil, problem.Hint("keyrite key list; keyrite status --next says who holds which token")
	}
	return list, nil
}

// namesOf are the names of all keys and tokens.
func namesOf(trust *workspace.Trust, site *workspace.Site) []string {
	names := site.TokenNames()
	for _, repo := range trust.RepositoryNames() {
		names = append(names, trust.Repositories[repo].KeyNames...)
	}
	return names
}

// thefts are the runbooks of stolen keys, the worst first.
var thefts = []string{"root-threshold-stolen", "root-key-stolen", "director-keys-stolen", "targets-key-stolen", "fast-forward", "supplier-key-stolen"}

// theftOf is the runbook of keys that were stolen of one repository.
func theftOf(repo *workspace.Repository, keys []string) string {
	of := func(role string) (n int) {
		for _, key := range repo.Roles[role].Keys {
			if slices.Contains(keys, key) {
				n++
			}
		}
		return n
	}
	online := func(key string) bool { return repo.Keys[key].Public != "" }
	top := of("targets") + of("snapshot") + of("timestamp")
	switch {
	case of("root") >= repo.Roles["root"].Threshold:
		return "root-threshold-stolen"
	case of("root") > 0:
		return "root-key-stolen"
	case top > 0 && slices.ContainsFunc(keys, online):
		return "director-keys-stolen"
	case of("targets") > 0:
		return "targets-key-stolen"
	case top > 0:
		return "fast-forward"
	}
	return "supplier-key-stolen"
}

// worse takes a runbook if it is that of a worse theft.
func (f *Found) worse(runbook string) {
	if f.Runbook == "" || slices.Index(thefts, runbook) < slices.Index(thefts, f.Runbook) {
		f.Runbook = runbook
	}
}
