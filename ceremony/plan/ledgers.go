package plan

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// Ledgers says of the keys that sign, by the records that were made with them, which
// tokens remember what they signed. Keys that the ceremony generates are in neither
// list.
type Ledgers struct {
	Kept []string `yaml:"kept,omitempty,flow" json:"kept,omitempty"`
	None []string `yaml:"none,omitempty,flow" json:"none,omitempty"`
}

// Text says it in lines, none where there is nothing to say.
func (l Ledgers) Text() (lines []string) {
	if len(l.Kept) > 0 {
		lines = append(lines, "tokens remember what is signed by "+list(l.Kept))
	}
	if len(l.None) > 0 {
		lines = append(lines, "tokens remember nothing of what is signed by "+list(l.None)+": the transcripts of this workspace alone count")
	}
	return lines
}

// ledgersOf sorts the keys that sign by what their records say.
func ledgersOf(steps []Step, record func(key string) *workspace.KeyRecord) (l Ledgers) {
	seen := map[string]bool{}
	for _, s := range steps {
		r := record(s.Key)
		if s.Do != Sign || seen[s.Key] || r == nil || r.Token == nil {
			continue
		}
		seen[s.Key] = true
		if r.Token.Ledger {
			l.Kept = append(l.Kept, s.Key)
		} else {
			l.None = append(l.None, s.Key)
		}
	}
	slices.Sort(l.Kept)
	slices.Sort(l.None)
	return l
}
