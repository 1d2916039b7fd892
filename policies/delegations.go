package policies

import "fmt"

var delegationDepth = check{CheckInfo{
	ID:       "DELEGATION-DEPTH",
	Severity: Error,
	Title:    "delegations are not deeper than the policy and clients allow; a Director has none",
	Hint:     "delegate from a higher role; a Director lists all images itself",
	Sources:  []string{"UPT-027", "UPT-055", "DBP-029", "DBP-048", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("delegated")
	limit := e.policy.doc.Delegations.Depth
	for _, t := range e.of("delegated") {
		if limit != nil && t.depth > *limit {
			e.report(place{t.Name, t.path}, fmt.Sprintf("%d levels below targets", t.depth), fmt.Sprintf("at most %d", *limit))
		}
	}
}}
