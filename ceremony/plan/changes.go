package plan

import (
	"strings"

	"github.com/uptane/keyrite/roles"
)

// ChangesOf tells how the content of a role's file changes, a line each, with
// the names of keyring. Version and expiry are told with the file itself.
func ChangesOf(role string, old, new roles.Body, ring *Keyring) []string {
	var lines []string
	for _, c := range roles.Diff(old, new, roles.DiffOptions{Role: role, KeyName: ring.name}) {
		if c.What != "version" && c.What != "expires" {
			lines = append(lines, "  "+strings.TrimPrefix(c.String(), role+": "))
		}
	}
	return lines
}
