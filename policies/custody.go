package policies

import (
	"slices"
	"strings"
)

// custodySources are the clauses on where keys are kept.
var custodySources = map[string][]string{
	"root":      {"TUF-001", "DBP-002", "PKCS11"},
	"targets":   {"DBP-001", "DBP-002", "TUF-002", "PKCS11"},
	"snapshot":  {"DBP-001", "DBP-003", "TUF-002", "PKCS11"},
	"timestamp": {"DBP-001", "DBP-003"},
	"delegated": {"DBP-002", "TUF-002", "PKCS11"},
}

// custodyChecks hold keys to the place where the policy wants them, and signing
// without a person to the roles that allow it.
func custodyChecks() []check {
	var all []check
	for _, kind := range roleNames {
		all = append(all, check{CheckInfo{
			ID:       custodyID(kind),
			Severity: Error,
			Title:    "the keys of " + roleWords[kind] + " are kept where the policy wants them, with evidence",
			Hint: "a key that was brought in proves nothing: generate one on a token with `keyrite key generate`. One that was generated there, " +
				"and is not local all the same, is of a module that gives no evidence: no other key of that module does better, take another token",
			Sources:  custodySources[kind],
			Needs:    "key records",
			Waivable: true,
		}, func(e *exam) { checkCustody(e, kind) }}, check{CheckInfo{
			ID:       strings.ToUpper(kind) + "-UNATTENDED",
			Severity: Error,
			Title:    "no token signs for " + roleWords[kind] + " without a person, unless the policy allows it",
			Hint:     "remove the role from `unattended` of the token in site.yaml",
			Sources:  custodySources[kind],
			Needs:    "the tokens of this room",
			Waivable: true,
		}, func(e *exam) { checkUnattended(e, kind) }})
	}
	return all
}

func checkCustody(e *exam, kind string) {
	custody := e.policy.doc.Roles.of(kind).Custody
	e.needRoles(kind)
	for _, k := range e.keys() {
		for _, t := range k.roles {
			switch {
			case t.kind != kind:
			case k.facts.Planned && k.facts.Backup && custody == Offline:
				before := len(e.findings)
				e.report(place{t.Name, k.at.field}, "to be made so that it can leave its token for a backup", "never extractable")
				for i := range e.findings[before:] {
					e.findings[before+i].Hint = "take `backup: true` away: independent keys on several tokens are the better reserve. Who wants a backup all the same waives " + e.check.ID + " in trust.yaml"
				}
			case !k.known || k.facts.Planned:
				e.lacks()
			case custody == Offline:
				e.checkOffline(t, k)
			case custody == Online:
				e.checkOnline(t, k)
			}
		}
	}
}

// WantsEvidence reports whether a key for a role of that kind (root, targets, snapshot,
// timestamp or delegated) is refused when its token does not say that it was made there
// and never leaves.
func (p *Policy) WantsEvidence(kind string, waivers []Waiver) bool {
	waived := func(w Waiver) bool { return w.Check == custodyID(kind) && w.problem() == "" }
	return p.doc.Roles.of(kind).Custody == Offline && p.severity(checkByID(custodyID(kind))) == Error && !slices.ContainsFunc(waivers, waived)
}

// custodyID is the id of the check that demands it.
func custodyID(kind string) string { return strings.ToUpper(kind) + "-CUSTODY" }

// checkOffline demands evidence. A key that is kept elsewhere cannot give any:
// of a supplier that is normal.
func (e *exam) checkOffline(t *trusted, k *usedKey) {
	at, evidence := place{t.Name, k.at.field}, k.facts.Evidence
	switch {
	case k.facts.Token == "" && t.kind == "delegated":
		e.lacks()
	case k.facts.Token == "":
		e.advise(at, "kept elsewhere, where nothing is known of it", "a key on a token, with evidence")
	case evidence == nil:
		e.report(at, "on a token that says nothing of it", "evidence: local, sensitive, never extractable")
	case !evidence.Local || !evidence.Sensitive || !evidence.NeverExtractable || evidence.Extractable:
		e.report(at, evidence.String(), "local, sensitive, never extractable")
	case evidence.Modifiable:
		e.remark(at, "on a token whose evidence can be changed by whoever has the PIN", "a token with fixed attributes")
	}
}

// checkOnline finds keys that cannot sign by themselves, so that somebody would
// have to hold a ceremony every day.
func (e *exam) checkOnline(t *trusted, k *usedKey) {
	if e.Unattended == nil {
		e.lacks()
		return
	}
	if k.facts.Token != "" && !slices.Contains(e.Unattended, t.Name) {
		e.advise(place{t.Name, k.at.field}, "on a token that asks a person", "a key of the online service")
	}
}

// String says which of the properties that matter a key has.
func (ev Evidence) String() string {
	words := []string{"not local", "not sensitive", "extractable before"}
	if ev.Local {
		words[0] = "local"
	}
	if ev.Sensitive {
		words[1] = "sensitive"
	}
	switch {
	case ev.Extractable:
		words[2] = "extractable"
	case ev.NeverExtractable:
		words[2] = "never extractable"
	}
	return strings.Join(words, ", ")
}

func checkUnattended(e *exam, kind string) {
	if e.Unattended == nil {
		e.lacks()
		return
	}
	if e.policy.doc.Roles.of(kind).Unattended != Forbidden {
		return
	}
	for _, t := range e.of(kind) {
		if slices.Contains(e.Unattended, t.Name) {
			e.report(place{t.Name, t.path}, "signed without a person", "a person who consents")
		}
	}
}
