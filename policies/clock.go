package policies

import "github.com/uptane/keyrite/roles"

var clock = check{CheckInfo{
	ID:       "CLOCK",
	Severity: Error,
	Title:    "the clock is not before the newest time that the inputs state",
	Hint:     "set the clock by a watch that two people agree on",
	Sources:  []string{"CEREMONY", "TUF-009"},
	Needs:    "the time",
	Waivable: true,
}, func(e *exam) {
	if e.Now.IsZero() || e.NotBefore.IsZero() {
		e.lacks()
		return
	}
	if e.Now.Before(e.NotBefore) {
		e.report(place{field: "clock"}, roles.FormatTime(e.Now), "at least "+roles.FormatTime(e.NotBefore)+", which the inputs state")
	}
}}

var expiryOrder = check{CheckInfo{
	ID:       "EXPIRY-ORDER",
	Severity: Warning,
	Title:    "of the files signed together, the oftener one changes the sooner it expires",
	Hint:     "let timestamp expire no later than snapshot, snapshot no later than targets, targets no later than root",
	Sources:  []string{"DBP-016"},
	Needs:    "who signs",
	Waivable: true,
}, func(e *exam) {
	if e.Signing == nil {
		e.lacks()
	}
	var slower *file
	for _, kind := range roleNames[:4] {
		for _, f := range e.files(kind) {
			if !e.signs(f.role) {
				continue
			}
			if slower != nil && f.head.Expires.After(slower.head.Expires) {
				e.report(f.at("expires"), roles.FormatTime(f.head.Expires), "no later than "+roles.FormatTime(slower.head.Expires)+", when "+slower.role+" expires")
			}
			slower = &f
		}
	}
}}
