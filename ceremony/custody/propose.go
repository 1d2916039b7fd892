package custody

import (
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// Holding is a key and the token that is to hold it, by their names.
type Holding struct {
	Key, Token string
}

// Propose says which tokens of site.yaml might hold keys that have none, in the order
// of trust.yaml: each custodian gets tokens that nobody else has, those that are named
// like the custodian first, and the keys of one role lie on different tokens as far as
// there are any. Token is empty where none is left. People decide.
func Propose(trust *workspace.Trust, site *workspace.Site, repo *workspace.Repository, keys []string) []Holding {
	p := proposal{repo: repo, tokens: site.TokenNames(), holds: map[string][]string{}, of: map[string]string{}}
	for _, name := range trust.RepositoryNames() {
		r := trust.Repositories[name]
		for _, key := range r.KeyNames {
			if token, known := site.Keys[key]; known {
				p.put(key, r.Keys[key].Custodian, token)
			}
		}
	}
	var list []Holding
	for _, key := range keys {
		custodian := repo.Keys[key].Custodian
		token := p.choose(key, custodian)
		if token != "" {
			p.put(key, custodian, token)
		}
		list = append(list, Holding{key, token})
	}
	return list
}

// proposal is who has which tokens so far, and what is on them.
type proposal struct {
	repo   *workspace.Repository
	tokens []string            // in the order of site.yaml
	holds  map[string][]string // keys by token
	of     map[string]string   // custodian by token
}

func (p *proposal) put(key, custodian, token string) {
	p.holds[token] = append(p.holds[token], key)
	p.of[token] = custodian
}

// choose takes a token that the custodian has and that holds no key of the same role;
// else a new one; else any that the custodian has.
func (p *proposal) choose(key, custodian string) string {
	var own []string
	fresh, best := "", -1
	for _, token := range p.tokens {
		owner, taken := p.of[token]
		switch {
		case taken && owner == custodian:
			own = append(own, token)
		case !taken && likeness(token, custodian) > best:
			fresh, best = token, likeness(token, custodian)
		}
	}
	for _, token := range own {
		if !p.shareRole(key, p.holds[token]) {
			return token
		}
	}
	if fresh == "" && own != nil {
		return own[0]
	}
	return fresh
}

// shareRole says whether a key is in a role with one of the others.
func (p *proposal) shareRole(key string, others []string) bool {
	for _, role := range p.repo.RolesOf(key) {
		names, _ := p.repo.Signers(role)
		if slices.ContainsFunc(others, func(other string) bool { return slices.Contains(names, other) }) {
			return true
		}
	}
	return false
}

// likeness counts the words that a token's name and a custodian have in common.
func likeness(token, custodian string) (n int) {
	of := strings.Fields(custodian)
	for part := range strings.SplitSeq(token, "-") {
		if slices.Contains(of, part) {
			n++
		}
	}
	return n
}
