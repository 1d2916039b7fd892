package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
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
		name := folded(p.Name)
		if other, ok := parts[name]; ok && other != p.Part {
			e.report(place{field: "people"}, fmt.Sprintf("%s as %s and as %s", p.Name, other, p.Part), "one part for each person")
		}
		parts[name] = p.Part
	}
	e.quorumOfOnePerson()
}}

// quorumOfOnePerson finds somebody who stands in for two custodians of a role
// that wants several signatures.
func (e *exam) quorumOfOnePerson() {
	post := map[string]string{} // custodian, folded, by person and role
	for _, p := range e.People.Present {
		for _, t := range e.trusted {
			if p.Part != Officer || t.Threshold < 2 || !slices.ContainsFunc(t.keys, func(k roles.Key) bool { return e.Keys[k.Fingerprint].Custodian == p.Custodian }) {
				continue
			}
			at := t.Name + "\n" + folded(p.Name)
			if other, taken := post[at]; taken && other != p.Custodian {
				e.report(place{t.Name, "people"}, fmt.Sprintf("%s as %s and as %s, who both sign %s", p.Name, other, p.Custodian, t.Name), "different people")
			}
			post[at] = p.Custodian
		}
	}
}

func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// AboutPeople says whether a check judges who is present.
func AboutPeople(id string) bool {
	return id == partsApart.ID || id == peoplePresent.ID || id == quorumPresent.ID
}

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
	for _, part := range []struct {
		kind  Part
		field string
		want  int
	}{
		{Administrator, "people.administrator", e.People.Administrators},
		{Witness, "people.witnesses", e.People.Witnesses},
		{ExternalWitness, "people.external-witnesses", e.People.External},
	} {
		if got := count[part.kind]; got < part.want {
			e.report(place{field: part.field}, fmt.Sprintf("%d present", got), fmt.Sprint(part.want))
		}
	}
}}

var quorumPresent = check{CheckInfo{
	ID:       "QUORUM-PRESENT",
	Severity: Error,
	Title:    "the custodian of every key that has to sign here is present",
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
		if role, ok := e.attended(k); ok && k.facts.Custodian != "" && !present[k.facts.Custodian] && !slices.Contains(e.People.Away, k.facts.Custodian) {
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
