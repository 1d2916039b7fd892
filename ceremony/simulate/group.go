package simulate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Group is classes that fare alike, of which only the root and what they remember
// differ.
type Group struct {
	Fate
	Roots  []int64
	States int // how many classes there are
}

// Groups are the fates of a fleet, those together that are alike.
func (r *Result) Groups() (groups []Group) {
	place := map[string]int{}
	for _, f := range r.Fates {
		key := fmt.Sprint(f.Name, f.Seen, f.Kind, f.Along, f.Waits, f.Before, f.Workshop, plain(f.why()))
		i, known := place[key]
		if !known {
			i = len(groups)
			place[key], groups = i, append(groups, Group{Fate: f})
			groups[i].Count = 0
		}
		g := &groups[i]
		g.States++
		g.Count += f.Count
		if !slices.Contains(g.Roots, f.Root) {
			g.Roots = append(g.Roots, f.Root)
		}
	}
	return groups
}

// plain is a reason without its numbers, which are those of one root or file.
func plain(why string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, why)
}

// Reason is why a group is stuck, without what it says of each signature.
func (g Group) Reason() string {
	if g.Problem == nil {
		return ""
	}
	return brief(*g.Problem)
}

// why is what a vehicle says, "" when it comes along.
func (f Fate) why() string {
	if f.Problem == nil {
		return ""
	}
	return f.Problem.Text
}

// brief is what a problem is, without what it says of each signature.
func brief(p roles.Problem) string {
	reason, _, _ := strings.Cut(p.Text, "; ")
	return reason
}

// Vehicles names a group.
func (g Group) Vehicles() string {
	text := string(g.Kind) + " verification and root " + ranges(g.Roots)
	if g.States == 1 {
		text = string(g.Kind) + " verification and " + strings.TrimPrefix(g.Class.String(), string(g.Kind)+", ")
	}
	if g.Name != "" {
		text = g.Name + ", " + text
	}
	return text
}

// ranges are ascending numbers: 1 to 3, 5.
func ranges(list []int64) string {
	list = slices.Sorted(slices.Values(list))
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		switch {
		case i == j:
			parts = append(parts, fmt.Sprint(list[i]))
		default:
			parts = append(parts, fmt.Sprintf("%d to %d", list[i], list[j]))
		}
		i = j + 1
	}
	return words.List(parts)
}
