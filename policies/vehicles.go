package policies

// Stranded is a class of vehicles that does not come along with what would be signed.
type Stranded struct {
	Who      string // how it verifies, its root, and what it remembers
	Why      string // what it says
	Workshop bool   // nothing that is signed later brings it back
}

var vehiclesFollow = check{CheckInfo{
	ID:       "VEHICLES-FOLLOW",
	Severity: Warning,
	Title:    "every vehicle takes what would be signed, from whichever root it trusts",
	Hint: "keyrite simulate CEREMONY shows each of them; reach a Secondary with partial verification by hand, or with a new image " +
		"that carries the new metadata",
	Sources:  []string{"UPT-012", "UPT-051", "DBP-036"},
	Needs:    "a plan",
	Waivable: true,
}, func(e *exam) {
	if e.Stranded == nil {
		e.lacks()
	}
	for _, s := range e.Stranded {
		want := "vehicles that come along"
		if s.Workshop {
			want += "; these need a workshop"
		}
		e.report(place{"", "repositories." + e.Repository}, "leaving behind vehicles with "+s.Who+" ("+s.Why+")", want)
	}
}}
