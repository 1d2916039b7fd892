package policies

import (
	"fmt"
	"slices"
	"strings"
)

var waiversValid = check{CheckInfo{
	ID:       "WAIVERS",
	Severity: Error,
	Title:    "every waiver names a check that can be waived, a reason and a person",
	Hint:     "correct the waiver or remove it: it sets nothing aside",
	Sources:  []string{"CEREMONY"},
}, func(e *exam) {
	for i, w := range e.Waivers {
		if why := w.problem(); why != "" {
			e.report(e.waiverPlace(i), why, "a check that can be waived, a reason and a person")
		}
	}
}}

var waiversNeeded = check{CheckInfo{
	ID:       "WAIVERS-NEEDED",
	Severity: Warning,
	Title:    "every waiver sets aside something that was found",
	Hint:     "remove the waiver, so that it does not hide what comes later",
	Sources:  []string{"CEREMONY"},
}, func(e *exam) {
	for i, w := range e.Waivers {
		found := slices.ContainsFunc(e.sofar.Findings, func(f Finding) bool { return f.ID == w.Check })
		unknown := slices.Contains(e.sofar.Unknown, w.Check)
		if w.problem() == "" && !found && !unknown {
			e.report(e.waiverPlace(i), "for "+w.Check+", which found nothing", "only waivers that are needed")
		}
	}
}}

func (e *exam) waiverPlace(i int) place {
	return place{field: fmt.Sprintf("repositories.%s.waivers[%d]", e.Repository, i)}
}

// waive marks the findings that a waiver sets aside. Waivers that are not valid
// are the business of the check WAIVERS.
func waive(waivers []Waiver, findings []Finding) {
	for i := range findings {
		for _, w := range waivers {
			if w.Check == findings[i].ID && w.problem() == "" {
				findings[i].Waived = &w
			}
		}
	}
}

// problem says what makes a waiver invalid, "" for a valid one.
func (w Waiver) problem() string {
	c := checkByID(w.Check)
	switch {
	case c == nil:
		return fmt.Sprintf("for %q, which is no check", w.Check)
	case !c.Waivable:
		return fmt.Sprintf("for %s, which cannot be waived", w.Check)
	case strings.TrimSpace(w.Reason) == "" || strings.TrimSpace(w.Person) == "":
		return fmt.Sprintf("for %s without a reason and a person", w.Check)
	}
	return ""
}
