package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// trusted is one role: how many of which keys sign for it.
type trusted struct {
	role      string
	threshold int
	keys      []roles.Key
}

// trustedBy are the roles of a signed root, and those that its targets delegate
// to.
func trustedBy(set map[string]*roles.File) []trusted {
	var list []trusted
	add := func(role roles.Role, keys []roles.Key) {
		t := trusted{role: role.Name, threshold: role.Threshold}
		for _, id := range role.KeyIDs {
			if i := slices.IndexFunc(keys, func(k roles.Key) bool { return k.ID == id }); i >= 0 {
				t.keys = append(t.keys, keys[i])
			}
		}
		list = append(list, t)
	}
	if file := set["root"]; file != nil {
		root := file.Body.(*roles.Root)
		for _, kind := range roles.TopLevel {
			if role := root.Role(string(kind)); role != nil {
				add(*role, root.Keys)
			}
		}
	}
	if file := set["targets"]; file != nil {
		if d := file.Body.(*roles.Targets).Delegations; d != nil {
			for _, role := range d.Roles {
				add(role.Role, d.Keys)
			}
		}
	}
	return list
}

// trust is A6: who is trusted for what, before and after, and until when.
func (s *source) trust() page.Section {
	before, after := trustedBy(s.before), trustedBy(s.after)
	section := page.Section{Mark: "A6", Title: "Trust before and after", Flows: true, Blocks: []page.Block{
		s.diagram(before, after), s.trustTable(before, after), s.timeline(), s.due(),
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
	return short(digest.SHA256(k.Fingerprint))
}

func (s *source) trustTable(before, after []trusted) *page.Table {
	table := &page.Table{Columns: []page.Column{{Head: "Role", Width: 28}, {Head: "Before", Width: 54}, {Head: "After", Width: 54}, {Head: "Changes", Width: 34}}}
	for _, role := range roleNames(before, after) {
		old, new := find(before, role), find(after, role)
		table.Rows = append(table.Rows, []string{role, s.signers(old), s.signers(new), changes(s.names(old), s.names(new), old, new)})
	}
	return table
}

func roleNames(lists ...[]trusted) []string {
	var names []string
	for _, list := range lists {
		for _, t := range list {
			if !slices.Contains(names, t.role) {
				names = append(names, t.role)
			}
		}
	}
	return names
}

func find(list []trusted, role string) *trusted {
	for i := range list {
		if list[i].role == role {
			return &list[i]
		}
	}
	return nil
}

func (s *source) names(t *trusted) []string {
	var names []string
	if t != nil {
		for _, k := range t.keys {
			names = append(names, s.nameOf(k))
		}
	}
	slices.Sort(names)
	return names
}

func (s *source) signers(t *trusted) string {
	if t == nil {
		return "none"
	}
	var list []string
	for _, name := range s.names(t) {
		if who := s.plan.Custodians[name]; who != "" {
			name += " (" + who + ")"
		}
		list = append(list, name)
	}
	return fmt.Sprintf("%d of %d: %s", t.threshold, len(t.keys), words.List(list))
}

func changes(old, new []string, before, after *trusted) string {
	var parts []string
	for _, name := range new {
		if !slices.Contains(old, name) {
			parts = append(parts, "+ "+name)
		}
	}
	for _, name := range old {
		if !slices.Contains(new, name) {
			parts = append(parts, "− "+name)
		}
	}
	if before != nil && after != nil && before.threshold != after.threshold {
		parts = append(parts, fmt.Sprintf("threshold %d → %d", before.threshold, after.threshold))
	}
	return orElse(strings.Join(parts, ", "), "unchanged")
}
