package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/roles"
)

// TestNumbers tells changes in numbers, and in names where there are few.
func TestNumbers(t *testing.T) {
	key := func(role, old, new string) roles.Change {
		return roles.Change{What: "key of role", Subject: role, Old: old, New: new}
	}
	var images, keys []roles.Change
	for i := range 300 {
		images = append(images, roles.Change{What: "image", Subject: fmt.Sprint(i), New: "x"})
	}
	images = append(images, roles.Change{What: "image", Subject: "old", Old: "x"}, roles.Change{What: "image length of", Subject: "app", Old: "1", New: "2"}, roles.Change{What: "image hashes of", Subject: "app", Old: "a", New: "b"})
	for i := range 5 {
		keys = append(keys, key("root", "", fmt.Sprintf("root-%d", i)))
	}
	for want, changes := range map[string][]roles.Change{
		"changes nothing but version and expiry":             nil,
		"keys root + root-d − root-c":                        {key("root", "", "root-d"), key("root", "root-c", "")},
		"keys root +5 −1, targets +1":                        append(keys, key("root", "root-x", ""), key("targets", "", "targets-b")),
		"thresholds root 2 → 3":                              {{What: "threshold of", Subject: "root", Old: "2", New: "3"}},
		"thresholds root 2 of 3":                             {{What: "role", Subject: "root", New: "threshold 2 of 3 keys"}},
		"delegations + acme, − bolt":                         {{What: "delegation", Subject: "acme", New: "x"}, {What: "delegation", Subject: "bolt", Old: "x"}},
		"images +300, −1, 1 changed":                         images,
		"files +1, 1 changed":                                {{What: "file", New: "x"}, {What: "file", Old: "x", New: "y"}},
		"also 2 other changes":                               {{What: "field", New: "x"}, {What: "role", Subject: "mirrors", Old: "x"}},
		"also 1 other change":                                {{What: "spec_version", Old: "1.0.0", New: "1.0.1"}},
		"thresholds a 1, b 1, c 1, d 1, e 1, f 1 and 1 more": sevenRoles(),
	} {
		if got := strings.Join(strings.Fields(screen.Facts(numbersOf(changes)...).String()), " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func sevenRoles() (list []roles.Change) {
	for _, name := range strings.Split("abcdefg", "") {
		list = append(list, roles.Change{What: "role", Subject: name, New: "threshold 1"})
	}
	return list
}

// TestProgress says who has signed and who is missing, for the old and the new root.
func TestProgress(t *testing.T) {
	s := rotated(t)
	c := s.review("root").Content()
	for key, want := range map[string][]string{
		"root-b": {"previous root root-b makes it 1 of 2, then root-a", "new root root-b makes it 1 of 2, then root-c"},
		"root-a": {"previous root ✓ root-b root-a makes it 2 of 2", "new root ✓ root-b 1 of 2; root-a does not count for it, then root-c"},
		"root-c": {"previous root ✓ root-b ✓ root-a 2 of 2; root-c does not count for it", "new root ✓ root-b root-c makes it 2 of 2"},
	} {
		signed := map[string][]string{"root-a": {"root-b"}, "root-c": {"root-a", "root-b"}}[key]
		q := c.Question(Signing{Key: key, Who: "x", Name: "X", Token: "t", Signed: signed})
		card := strings.Join(strings.Fields(q.Card.Text(100).String()), " ")
		for _, text := range want {
			if !strings.Contains(card, text) {
				t.Errorf("%s:\n%s\nhas no %s", key, card, text)
			}
		}
		if !strings.Contains(card, "x: token t is asked for your signature.") { // X and x are one
			t.Errorf("%s\ncalls nobody", card)
		}
	}
}
