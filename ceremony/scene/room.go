package scene

import (
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Room is what the plan knows of the room that it was made in: which keys are at
// hand, and what policies judge by.
type Room struct {
	Held       map[string]string `yaml:"held,omitempty" json:"held,omitempty"` // token by key, by their names in site.yaml
	Unattended []string          `yaml:"unattended,omitempty,flow" json:"unattended,omitempty"`
}

// RoomOf is what site.yaml says of these keys.
func RoomOf(site *workspace.Site, keys []string) Room {
	r := Room{Held: map[string]string{}, Unattended: site.Unattended()}
	for _, key := range keys {
		if token, here := site.Keys[key]; here {
			r.Held[key] = token
		}
	}
	return r
}
