package plan

import (
	"github.com/uptane/keyrite/ceremony/words"
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
		lines = append(lines, "tokens remember what is signed by "+words.List(l.Kept))
	}
	if len(l.None) > 0 {
		lines = append(lines, "tokens remember nothing of what is signed by "+words.List(l.None)+": the transcripts of this workspace alone count")
	}
	return lines
}
