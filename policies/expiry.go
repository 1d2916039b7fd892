package policies

import (
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/roles"
)

// lifetimeSources are the clauses on how long metadata lives.
var lifetimeSources = map[string][]string{
	"root":      {"DBP-014", "DBP-016"},
	"targets":   {"DBP-015", "DBP-016", "DBP-017"},
	"snapshot":  {"DBP-015", "DBP-016", "DBP-003"},
	"timestamp": {"DBP-015", "DBP-016", "DBP-003"},
	"delegated": {"DBP-016", "DBP-017"},
}

// lifetimeChecks hold the time from now to the expiry of each file to the
// policy.
func lifetimeChecks() []check {
	var all []check
	for _, kind := range roleNames {
		all = append(all, check{CheckInfo{
			ID:       strings.ToUpper(kind) + "-LIFETIME",
			Severity: Error,
			Title:    "metadata of " + roleWords[kind] + " lives as long as the policy wants",
			Hint:     "change `expires` of the role",
			Sources:  lifetimeSources[kind],
			Needs:    "the time",
			Waivable: true,
		}, func(e *exam) { checkLifetimes(e, kind) }})
	}
	return all
}

func checkLifetimes(e *exam, kind string) {
	limit := e.policy.doc.Roles.of(kind).Lifetime
	e.needTime()
	for _, f := range e.filesOf(kind) {
		if e.Now.IsZero() || f.expired(e.Now) {
			continue // EXPIRED says it
		}
		left := f.head.Expires.Sub(e.Now)
		switch {
		case e.signs(f.role) && left < time.Duration(limit.Min):
			e.report(f.at("expires"), span(left)+" from now", "at least "+limit.Min.String())
		case limit.Max != 0 && left > time.Duration(limit.Max):
			e.mendable(f)(f.at("expires"), span(left)+" from now", "at most "+limit.Max.String())
		case limit.Advised != 0 && left > time.Duration(limit.Advised):
			e.advise(f.at("expires"), span(left)+" from now", "at most "+limit.Advised.String()+", as advised")
		}
	}
}

var expired = check{CheckInfo{
	ID:       "EXPIRED",
	Severity: Error,
	Title:    "no metadata that stays in place has expired",
	Hint:     "sign a new version in this ceremony, or ask the supplier for one",
	Sources:  []string{"TUF-009", "DBP-052"},
	Needs:    "the time",
	Waivable: true,
}, func(e *exam) {
	e.needTime()
	for _, f := range e.everyFile() {
		if e.Now.IsZero() || !f.expired(e.Now) {
			continue
		}
		report := e.report
		if e.Signing != nil && e.policy.doc.Roles.of(f.role).Unattended == Allowed {
			report = e.advise // a service renews it every day, and this is an old copy
		}
		report(f.at("expires"), "expired since "+roles.FormatTime(f.head.Expires), "a time after "+roles.FormatTime(e.Now))
	}
}}

var renewal = check{CheckInfo{
	ID:       "RENEWAL",
	Severity: Warning,
	Title:    "nothing expires before the next ceremony has had its time",
	Hint:     "sign a new version in this ceremony, or plan the next one before that day",
	Sources:  []string{"DBP-016", "UPT-026"},
	Needs:    "the time",
	Waivable: true,
}, func(e *exam) {
	e.needTime()
	for _, f := range e.everyFile() {
		due := time.Duration(e.policy.doc.Roles.of(f.role).Renew)
		left := f.head.Expires.Sub(e.Now)
		if !e.Now.IsZero() && !e.signs(f.role) && !f.expired(e.Now) && left < due {
			e.report(f.at("expires"), span(left)+" from now", "a new version "+span(due)+" before that")
		}
	}
}}

// needTime notes that nobody told the time.
func (e *exam) needTime() {
	if e.Now.IsZero() {
		e.lacks()
	}
}

// signs says whether a new file of the role is signed in this ceremony.
func (s *Subject) signs(role string) bool { return s.Signing[role] != nil }

// expired says whether a file may not be used any more; at the very second of
// its expiry it may not (Uptane Standard 2.1.0 §5.4.4.3).
func (f file) expired(now time.Time) bool { return !now.Before(f.head.Expires) }

// span is a time as policies spell it, rounded down.
func span(d time.Duration) string {
	if d > 2*day {
		return Lifetime(d.Truncate(day)).String()
	}
	return Lifetime(d).String()
}

// mendable reports a file that is wrong: as something that is only advised against
// where a server signs it, for nothing that is signed here would mend it.
func (e *exam) mendable(f file) func(p place, got, want string) {
	if slices.Contains(e.Server, roles.Type(f.role)) && !e.signs(f.role) {
		return e.advise
	}
	return e.report
}

var freezeWindow = check{CheckInfo{
	ID:       "FREEZE-WINDOW",
	Severity: Warning,
	Title:    "where OTA CE's server signs snapshot and timestamp, targets expires as soon as these would have to",
	Hint: "shorten `expires` of targets: that server gives snapshot and timestamp the same expiry, so that a vehicle which is kept from newer " +
		"metadata does not notice before",
	Sources:  []string{"DBP-015", "DBP-016", "DBP-017", "CLIENTS"},
	Needs:    "the time",
	Waivable: true,
}, func(e *exam) {
	e.needTime()
	most := e.policy.doc.Roles.Timestamp.Lifetime.Max
	targets := e.Next.Targets
	if e.Now.IsZero() || targets == nil || most == 0 || e.Format != roles.OTACE || !slices.Contains(e.Server, roles.TypeTimestamp) || !e.signs("targets") {
		return
	}
	if left := targets.Expires.Sub(e.Now); left > time.Duration(most) {
		e.report(e.role("targets").at("expires"), span(left)+" from now", "at most "+most.String()+", as for timestamp")
	}
}}
