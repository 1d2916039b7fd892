package record

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/authority"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/roles"
)

// trust is A6: who is trusted for what, before and after, and until when.
func (s *source) trust() page.Section {
	end := s.events[len(s.events)-1].Time
	change := &authority.Change{Before: s.before, After: s.after, Name: s.nameOf, Custodians: s.plan.Custodians}
	section := page.Section{Mark: "A6", Title: "Trust before and after", Flows: true, Blocks: []page.Block{
		change.Diagram(), change.Table(), authority.Timeline(s.after, end), authority.Due(s.after, end),
	}}
	if root := s.after["root"]; root != nil {
		section.Blocks = append(section.Blocks, hashGrid(
			fmt.Sprintf("Trust anchor, in words: root %d, the whole file as it is published", roles.HeadOf(root.Body).Version), digest.Of(root.Published())))
	}
	return section
}

// nameOf is what the records call a key, or the start of its fingerprint.
func (s *source) nameOf(k roles.Key) string {
	for _, name := range s.keyNames() {
		if s.keys[name].Fingerprint() == k.Fingerprint {
			return name
		}
	}
	return digest.SHA256(k.Fingerprint).Short()
}
