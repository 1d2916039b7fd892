package scene

import (
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Losses finds keys that are stolen or lost by their names. Its errors name the flags of
// those who ask, stolen and lost.
func (s *Scene) Losses(stolen, lost []string) (roles.Losses, error) {
	l := roles.Losses{Stolen: map[roles.Fingerprint]bool{}, Lost: map[roles.Fingerprint]bool{}}
	for flag, names := range map[string][]string{"stolen": stolen, "lost": lost} {
		for _, name := range names {
			key, there := s.Ring.Keys[name]
			if !there {
				return l, fault.Errorf(fault.Usage, "--%s %s: no such key; want some of %s", flag, name, words.List(s.Ring.Recorded())).Suggest(name, s.Ring.Recorded())
			}
			if flag == "stolen" {
				l.Stolen[key.Fingerprint] = true
			} else {
				l.Lost[key.Fingerprint] = true
			}
		}
	}
	return l, nil
}
