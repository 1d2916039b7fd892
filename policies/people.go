package policies

import (
	"fmt"
	"slices"
	"strings"
)

var custodianQuorum = check{CheckInfo{
	ID:       "CUSTODIAN-QUORUM",
	Severity: Error,
	Title:    "no single custodian holds enough keys to meet a threshold of several",
	Hint:     "give the keys to different people",
	Sources:  []string{"DBP-006", "DBP-007", "DBP-011"},
	Needs:    "custodians",
	Waivable: true,
}, func(e *exam) {
	e.quorumOfOne(func(k KeyFacts) string { return k.Custodian }, "with one custodian")
}}

var custodianApart = check{CheckInfo{
	ID:       "CUSTODIAN-APART",
	Severity: Note,
	Title:    "each key of root has a custodian of its own",
	Hint:     "name a custodian for each key in trust.yaml, each time another person",
	Sources:  []string{"DBP-006"},
	Needs:    "custodians",
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	holder := map[string]bool{}
	for _, k := range e.keys() {
		if k.roles[0].kind != "root" {
			continue
		}
		switch name := k.facts.Custodian; {
		case !k.known:
			e.lacks()
		case name == "":
			e.report(place{"root", k.at.field + ".custodian"}, "missing", "a person or post")
		case holder[name]:
			e.report(place{"root", k.at.field + ".custodian"}, name+", who holds another root key", "somebody else")
		}
		holder[k.facts.Custodian] = true
	}
}}

var officersEnough = check{CheckInfo{
	ID:       "OFFICERS-ENOUGH",
	Severity: Warning,
	Title:    "as many crypto officers are asked for as the thresholds need",
	Hint:     "raise the number under people.crypto-officers: each officer brings one token",
	Sources:  []string{"CEREMONY"},
	Needs:    "people",
	Waivable: true,
}, func(e *exam) {
	if e.People == nil {
		e.lacks()
		return
	}
	for _, t := range e.declared {
		officers, stated := e.People.Officers[t.Name]
		if stated && officers < t.Threshold {
			e.report(place{t.Name, "people.crypto-officers." + t.Name}, fmt.Sprint(officers), fmt.Sprintf("at least %d, the threshold", t.Threshold))
		}
	}
}}

var partsApart = check{CheckInfo{
	ID:       "PARTS-APART",
	Severity: Error,
	Title:    "nobody has two parts in the ceremony",
	Hint:     "let somebody else take one of the parts: they watch each other",
	Sources:  []string{"CEREMONY"},
	Needs:    "who is present",
	Waivable: true,
}, func(e *exam) {
	if !e.needPresent() {
		return
	}
	parts := map[string]Part{}
	for _, p := range e.People.Present {
		name := strings.ToLower(strings.Join(strings.Fields(p.Name), " "))
		if other, ok := parts[name]; ok && other != p.Part {
			e.report(place{field: "people"}, fmt.Sprintf("%s as %s and as %s", p.Name, other, p.Part), "one part for each person")
		}
		parts[name] = p.Part
	}
}}

var peoplePresent = check{CheckInfo{
	ID:       "PEOPLE-PRESENT",
	Severity: Error,
	Title:    "administrators and witnesses are present in the numbers that trust.yaml asks for",
	Hint:     "wait for them, or change the numbers under people",
	Sources:  []string{"CEREMONY"},
	Needs:    "who is present",
	Waivable: true,
}, func(e *exam) {
	if !e.needPresent() {
		return
	}
	count := map[Part]int{}
	for _, p := range e.People.Present {
		count[p.Part]++
	}
	if got, want := count[Administrator], e.People.Administrators; got < want {
		e.report(place{field: "people.administrator"}, fmt.Sprintf("%d present", got), fmt.Sprint(want))
	}
	if got, want := count[Witness], e.People.Witnesses; got < want {
		e.report(place{field: "people.witnesses"}, fmt.Sprintf("%d present", got), fmt.Sprint(want))
	}
}}

var quorumPresent = check{CheckInfo{
	ID:       "QUORUM-PRESENT",
	Severity: Error,
	Title:    "the custodian of every key that has to sign is present",
	Hint:     "wait for the custodian, or plan the ceremony with the keys of those who are present",
	Sources:  []string{"CEREMONY", "TUF-018"},
	Needs:    "who is present",
	Waivable: true,
}, func(e *exam) {
	if !e.needPresent() {
		return
	}
	present := map[string]bool{}
	for _, p := range e.People.Present {
		if p.Part == Officer {
			present[p.Name], present[p.Custodian] = true, true
		}
	}
	for _, k := range e.keys() {
		if role, ok := e.attended(k); ok && k.facts.Custodian != "" && !present[k.facts.Custodian] {
			e.report(place{role, k.at.field + ".custodian"}, k.facts.Custodian+", who is absent", "present, to sign "+role)
		}
	}
}}

// needPresent notes that nobody has arrived yet.
func (e *exam) needPresent() bool {
	if e.People == nil || e.People.Present == nil {
		e.lacks()
		return false
	}
	return true
}

// attended returns a role that a key signs in this ceremony with a person's
// help.
func (e *exam) attended(k *usedKey) (string, bool) {
	for _, role := range e.signedRoles() {
		if !slices.Contains(e.Unattended, role) && slices.Contains(e.Signing[role], k.Fingerprint) {
			return role, true
		}
	}
	return "", false
}
