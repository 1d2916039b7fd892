package plan

import (
	"github.com/uptane/keyrite/ceremony/words"
)

// changesFile lies beside a plan and lists all that changes.
const changesFile = "changes.jsonl"

func list(names []string) string { return words.List(names) }
