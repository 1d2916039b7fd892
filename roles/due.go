package roles

import (
	"fmt"
	"strings"
)

// Due is a file that a server has to sign before clients take a repository: what
// changes climbs from targets over snapshot to timestamp (TUF 1.0.34 §6.3).
type Due struct {
	Role    Type     `yaml:"role" json:"role"`
	Version int64    `yaml:"version,omitempty" json:"version,omitempty"` // at least; 0: the next, whichever that is
	Over    []Stated `yaml:"over,omitempty,flow" json:"over,omitempty"`  // what it states otherwise so far
	Keys    []string `yaml:"keys,flow" json:"keys"`                      // names of those that may sign it
}

// Stated is a file that another one states.
type Stated struct {
	Role    string `yaml:"role" json:"role"`
	Version int64  `yaml:"version,omitempty" json:"version,omitempty"` // 0: the next
}

// maxOver is how many files the text of a Due names.
const maxOver = 4

// String says it in words.
func (d Due) String() string {
	over := make([]string, 0, maxOver)
	for _, s := range d.Over[:min(len(d.Over), maxOver)] {
		over = append(over, s.String())
	}
	text := "the server must sign " + Stated{string(d.Role), d.Version}.String()
	if len(over) > 0 {
		text += " over " + strings.Join(over, ", ")
	}
	if more := len(d.Over) - len(over); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + " with " + strings.Join(d.Keys, ", ") + " before publishing"
}

// String is a file by role and version.
func (s Stated) String() string {
	if s.Version == 0 {
		return "the next " + s.Role
	}
	return fmt.Sprintf("%s %d", s.Role, s.Version)
}
