package plan

import (
	"github.com/uptane/keyrite/ceremony/words"
)

// changesFile lies beside a plan and lists all that changes.
const changesFile = "changes.jsonl"

// ToBeGenerated stands behind the name of a key that is not there yet.
const ToBeGenerated = " (to be generated)"

func list(names []string) string { return words.List(names) }
