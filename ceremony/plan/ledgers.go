package plan

import "slices"

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

// ledgers sorts the keys that sign by what their records say.
func (d *derivation) ledgers() {
	seen := map[string]bool{}
	for _, s := range d.plan.Steps {
		record := d.Ring.records[s.Key]
		if s.Do != Sign || seen[s.Key] || record == nil || record.Token == nil {
			continue
		}
		seen[s.Key] = true
		if record.Token.Ledger {
			d.plan.Ledgers.Kept = append(d.plan.Ledgers.Kept, s.Key)
		} else {
			d.plan.Ledgers.None = append(d.plan.Ledgers.None, s.Key)
		}
	}
	slices.Sort(d.plan.Ledgers.Kept)
	slices.Sort(d.plan.Ledgers.None)
}
