package disk

import (
	"regexp"
)

// Names are those of repositories, keys, tokens and modules. They become names
// of files and labels on tokens, so they are short and have one spelling.
var Names = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

const NamesRule = "want 1 to 32 of a-z, 0-9 and -, a letter first"
