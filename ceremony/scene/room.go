package scene

import (
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Room is what the plan knows of the room that it was made in: which keys are at
// hand, which are at other sites, and what policies judge by.
type Room struct {
	Site       string            `yaml:"site" json:"site"`                               // its name
	Held       map[string]string `yaml:"held,omitempty" json:"held,omitempty"`           // token by key, by their names in site.yaml
	Elsewhere  map[string]string `yaml:"elsewhere,omitempty" json:"elsewhere,omitempty"` // site by key, of those that other sites hold
	Unattended []string          `yaml:"unattended,omitempty,flow" json:"unattended,omitempty"`
}

// RoomOf is what site.yaml says of these keys.
func RoomOf(site *workspace.Site, keys []string) Room {
	r := Room{Site: site.Name, Held: map[string]string{}, Elsewhere: map[string]string{}, Unattended: site.Unattended()}
	for _, key := range keys {
		if token, here := site.Keys[key]; here {
			r.Held[key] = token
		}
		if other, known := site.Elsewhere[key]; known {
			r.Elsewhere[key] = other
		}
	}
	return r
}

// Holds says whether a token of some site holds a key: of this room, or of another.
func (r Room) Holds(key string) bool { return r.SiteOf(key) != "" }

// SiteOf is the site whose token holds a key, "" for a key that no site has.
func (r Room) SiteOf(key string) string {
	if _, here := r.Held[key]; here {
		return r.Site
	}
	return r.Elsewhere[key]
}
