package review

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// numbersOf says what changes in numbers, and in names where there are few: a card
// has room for no more.
func numbersOf(changes []roles.Change) []screen.Fact {
	n := &numbers{images: map[string]bool{}}
	for _, c := range changes {
		n.add(c)
	}
	return n.facts()
}

// numbers counts changes by what they are of.
type numbers struct {
	keys       []keyChange // by role, in the order of the file
	thresholds []string
	roles      []string // delegations that come or go
	files      tally
	image      tally
	images     map[string]bool // that stay, and of which something changes
	other      int
}

// tally counts what comes, goes and changes.
type tally struct{ added, removed, changed int }

// keyChange is how the keys of a role change.
type keyChange struct {
	role           string
	added, removed []string
}

func (n *numbers) add(c roles.Change) {
	switch {
	case c.What == "key of role" || c.What == "key of delegation":
		k := n.keysOf(c.Subject)
		if c.Old == "" {
			k.added = append(k.added, c.New)
		} else {
			k.removed = append(k.removed, c.Old)
		}
	case c.What == "role" && c.Old == "":
		n.thresholds = append(n.thresholds, c.Subject+" "+strings.TrimSuffix(strings.TrimPrefix(c.New, "threshold "), " keys"))
	case c.What == "threshold of":
		n.thresholds = append(n.thresholds, c.Subject+" "+c.Old+" → "+c.New)
	case c.What == "delegation" && c.Old == "":
		n.roles = append(n.roles, "+ "+c.Subject)
	case c.What == "delegation":
		n.roles = append(n.roles, "− "+c.Subject)
	case c.What == "image":
		n.image.count(c)
	case c.What == "file":
		n.files.count(c)
	case strings.HasPrefix(c.What, "image "):
		n.images[c.Subject] = true
	case c.Old == "" && (c.What == "spec_version" || c.What == "consistent_snapshot"): // of every first version
	default:
		n.other++
	}
}

func (t *tally) count(c roles.Change) {
	switch {
	case c.Old == "":
		t.added++
	case c.New == "":
		t.removed++
	default:
		t.changed++
	}
}

func (n *numbers) keysOf(role string) *keyChange {
	for i := range n.keys {
		if n.keys[i].role == role {
			return &n.keys[i]
		}
	}
	n.keys = append(n.keys, keyChange{role: role})
	return &n.keys[len(n.keys)-1]
}

func (n *numbers) facts() (facts []screen.Fact) {
	n.image.changed += len(n.images)
	for _, f := range []screen.Fact{
		screen.Of("keys", n.keysInWords()), screen.Of("thresholds", few(n.thresholds)), screen.Of("delegations", few(n.roles)),
		screen.Of("images", n.image.String()), screen.Of("files", n.files.String()),
	} {
		if f.Value[0].Text != "" {
			facts = append(facts, f)
		}
	}
	switch {
	case n.other > 0:
		facts = append(facts, screen.Of("also", words.Count(n.other, "other change")))
	case facts == nil:
		facts = append(facts, screen.Of("changes", "nothing but version and expiry"))
	}
	return facts
}

// maxNamed is how many keys a card names; more it counts.
const maxNamed = 4

func (n *numbers) keysInWords() string {
	total := 0
	for _, k := range n.keys {
		total += len(k.added) + len(k.removed)
	}
	var list []string
	for _, k := range n.keys {
		if total <= maxNamed {
			list = append(list, k.role+named(" + ", k.added)+named(" − ", k.removed))
		} else {
			list = append(list, k.role+counted(" +", len(k.added))+counted(" −", len(k.removed)))
		}
	}
	return few(list)
}

func named(sign string, names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(sign + name)
	}
	return b.String()
}

func counted(sign string, count int) string {
	if count == 0 {
		return ""
	}
	return fmt.Sprintf("%s%d", sign, count)
}

// String is a tally such as +300, −2, 3 changed; empty when nothing changes.
func (t tally) String() string {
	var list []string
	for _, part := range []string{counted("+", t.added), counted("−", t.removed)} {
		if part != "" {
			list = append(list, part)
		}
	}
	if t.changed > 0 {
		list = append(list, fmt.Sprintf("%d changed", t.changed))
	}
	return strings.Join(list, ", ")
}

// maxListed bounds a list on a card, which fits the screen whole.
const maxListed = 6

func few(list []string) string {
	if more := len(list) - maxListed; more > 0 {
		return strings.Join(list[:maxListed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ", ")
}
