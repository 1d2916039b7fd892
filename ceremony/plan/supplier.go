package plan

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Supplier is what is to be known of a delegated file that others sign: that no
// client can use it, which stops nothing else; that it is new; or that it is
// published in another spelling.
type Supplier struct {
	Role      string   `yaml:"role" json:"role"`
	Version   int64    `yaml:"version,omitempty" json:"version,omitempty"`     // of the file that is new
	Lost      string   `yaml:"lost,omitempty" json:"lost,omitempty"`           // why no client can use what is there
	Passed    string   `yaml:"passed,omitempty" json:"passed,omitempty"`       // why a newer file is passed over
	Paths     []string `yaml:"paths,omitempty,flow" json:"paths,omitempty"`    // that are lost with it
	Rewritten string   `yaml:"rewritten,omitempty" json:"rewritten,omitempty"` // the file, if it is not canonical
}

// String is the supplier in one line.
func (s Supplier) String() string {
	var parts []string
	if s.Lost != "" {
		parts = append(parts, fmt.Sprintf("warning: no client installs what is delegated to %s (%s): %s", s.Role, words.List(s.Paths), s.Lost))
	}
	if s.Passed != "" {
		parts = append(parts, fmt.Sprintf("warning: a new file of %s is passed over, the one that is published stays: %s", s.Role, s.Passed))
	}
	if s.Version > 0 {
		parts = append(parts, fmt.Sprintf("%s %d is new, signed by others", s.Role, s.Version))
	}
	if s.Rewritten != "" {
		parts = append(parts, s.Rewritten+" is published in its canonical form, which vehicles hash; its signatures stay good")
	}
	return roles.Printable(strings.Join(parts, "; ")) // names and patterns are a supplier's to choose
}
