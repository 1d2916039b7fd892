package derive

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// ledgersOf sorts the keys that sign by what their records say.
func ledgersOf(steps []plan.Step, record func(key string) *workspace.KeyRecord) (l plan.Ledgers) {
	seen := map[string]bool{}
	for _, s := range steps {
		r := record(s.Key)
		if s.Do != plan.Sign || seen[s.Key] || r == nil || r.Token == nil {
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
