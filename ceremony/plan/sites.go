package plan

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Sites are those that have steps of their own, the one that made the plan first.
func (p *Plan) Sites() []string {
	sites := []string{p.Room.Site}
	for _, s := range p.Steps {
		if s.Site != "" && !slices.Contains(sites, s.Site) {
			sites = append(sites, s.Site)
		}
	}
	return sites
}

// SiteOf is the site that does a step which needs a token.
func (p *Plan) SiteOf(s Step) string {
	if s.Site != "" {
		return s.Site
	}
	return p.Room.Site
}

// RoomAt is what the room of a site knows of keys: which it has, and from the plan which
// others have.
func (p *Plan) RoomAt(site *workspace.Site, keys []string) scene.Room {
	r := scene.RoomOf(site, keys)
	for _, key := range keys {
		if at := p.Room.SiteOf(key); at != "" && at != site.Name {
			r.Elsewhere[key] = at
		}
	}
	return r
}

// Before are the roles whose files must be in place before the bytes of a role's file can
// be made: snapshot and timestamp state what was signed before them.
func (p *Plan) Before(role string) (before []string) {
	if t := signed.RoleType(role); t != roles.TypeSnapshot && t != roles.TypeTimestamp {
		return nil
	}
	for _, f := range p.Files {
		if f.Role == role {
			break
		}
		before = append(before, f.Role)
	}
	return before
}

// Located refuses a room that does not fit the plan: two sites of one name would
// write over each other's files, and a key that two sites have could sign twice.
func (p *Plan) Located(site *workspace.Site) error {
	for _, s := range p.Steps {
		_, here := site.Keys[s.Key]
		at := p.SiteOf(s)
		switch {
		case s.Key == "" || s.External:
		case here && at != site.Name:
			return fault.Errorf(fault.Usage, "site.yaml: keys.%s is here, at %s; by the plan, step %d (%s) is for %s", s.Key, site.Name, s.Step, s, at).
				Hint("a site is called in its site.yaml as the plan calls it: site: %s", at).
				Hint("if the key has moved, say so in site.yaml and make a new plan: keyrite plan %s", p.Repository)
		case !here && at == site.Name && s.Site != "":
			return fault.Errorf(fault.Usage, "site.yaml: keys.%s is missing; by the plan, step %d (%s) is for this site", s.Key, s.Step, s).
				Hint("add below keys in site.yaml: %s: TOKEN", s.Key)
		}
	}
	return nil
}
