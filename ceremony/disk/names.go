package disk

import (
	"regexp"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// Names are those of repositories, keys, tokens and modules. They become names
// of files and labels on tokens, so they are short and have one spelling, which
// every disk takes.
var Names = names{regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)}

const NamesRule = "want 1 to 32 of a-z, 0-9 and -, a letter first, and no device of Windows such as con or aux"

type names struct {
	spelling *regexp.Regexp
}

// MatchString reports whether a text follows NamesRule.
func (n names) MatchString(text string) bool {
	return n.spelling.MatchString(text) && roles.CheckFileName(text) == nil
}

// CheckPath refuses the path of a file to be made if a part of it has a name that
// other disks change or refuse.
func CheckPath(name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if part == "." || part == ".." {
			continue // the Folder judges those
		}
		if err := roles.CheckFileName(part); err != nil {
			return fault.Errorf(fault.Usage, "%s: %s %w", roles.Quote(name), roles.Quote(part), err)
		}
	}
	return nil
}
