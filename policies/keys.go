package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

var keysDistinct = check{CheckInfo{
	ID:       "KEYS-DISTINCT",
	Severity: Error,
	Title:    "a role lists each public key once, under one key id",
	Hint:     "generate a key of its own for each place: some clients would count the one key twice",
	Sources:  []string{"UPT-002", "TUF-006"},
}, func(e *exam) {
	e.needRoles("root")
	for _, t := range e.declared {
		seen := map[roles.Fingerprint]roles.KeyID{}
		for _, k := range t.keys {
			if other, ok := seen[k.Fingerprint]; ok && k.Problem == nil {
				e.twice(t, fmt.Sprintf("one public key twice, under key ids %s and %s", short(other), short(k.ID)))
			}
			seen[k.Fingerprint] = k.ID
		}
	}
}}

// twice reports a key that a role lists twice: an error in what is being signed,
// and where others need it twice to meet the threshold; elsewhere it is counted
// once, and no harm done.
func (e *exam) twice(t *trusted, got string) {
	if e.signs(t.statedBy()) || t.distinct() < t.Threshold {
		e.report(t.at("keys"), got, "different public keys")
		return
	}
	e.advise(t.at("keys"), got, "different public keys; some clients count the one twice")
}

var keysOneRole = check{CheckInfo{
	ID:       "KEYS-ONE-ROLE",
	Severity: Error,
	Title:    "no key of a top-level role serves another role",
	Hint:     "generate a key for each role: whoever steals the one would have both",
	Sources:  []string{"DBP-005"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, k := range e.keys() {
		if k.topLevel() && k.shared() {
			e.report(k.at, "a key of "+k.roleNames(), "a key of one role")
		}
	}
}}

var delegatedKeysApart = check{CheckInfo{
	ID:       "DELEGATED-KEYS-APART",
	Severity: Warning,
	Title:    "no two delegated roles share a key",
	Hint:     "give a supplier one role, and each role keys of its own",
	Sources:  []string{"DBP-005", "DBP-025"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("delegated")
	for _, k := range e.keys() {
		if !k.topLevel() && k.shared() {
			e.report(k.at, "a key of "+k.roleNames(), "a key of one role")
		}
	}
}}

var keysOneRepository = check{CheckInfo{
	ID:       "KEYS-ONE-REPOSITORY",
	Severity: Error,
	Title:    "no key serves two repositories",
	Hint:     "generate a key for each repository: the two protect each other only while their keys differ",
	Sources:  []string{"TUF-015"},
	Needs:    "the keys of the other repositories",
	Waivable: true,
}, func(e *exam) {
	if e.Elsewhere == nil {
		e.lacks()
	}
	for _, k := range e.keys() {
		if other, ok := e.Elsewhere[k.Fingerprint]; ok && k.Problem == nil {
			e.report(k.at, "a key of repository "+other+" too", "a key of one repository")
		}
	}
}}

var keyMissing = check{CheckInfo{
	ID:       "KEY-MISSING",
	Severity: Error,
	Title:    "every key id that a role lists has a key",
	Hint:     "remove the key id from the role: some clients refuse the whole file",
	Sources:  []string{"UPT-006", "UPT-022", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, t := range e.declared {
		for _, id := range t.missing {
			e.report(t.at("keys"), "a key id without a key, "+short(id), "a key for every key id")
		}
	}
}}

var keyUnused = check{CheckInfo{
	ID:       "KEY-UNUSED",
	Severity: Note,
	Title:    "every key that a file lists belongs to a role",
	Hint:     "a key of no role means nothing; drop it with the next new version",
	Sources:  []string{"TUF-011", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, list := range e.keyLists() {
		for _, k := range list.keys {
			if !list.used[k.ID] {
				e.report(list.at, "a list with key "+short(k.ID)+" of no role", "keys of roles only")
			}
		}
	}
}}

var keyUsable = check{CheckInfo{
	ID:       "KEY-USABLE",
	Severity: Error,
	Title:    "every listed key is one that all clients can read",
	Hint:     "remove the key, even if no role uses it: some clients refuse the whole file",
	Sources:  []string{"TUF-004", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, list := range e.keyLists() {
		for _, k := range list.keys {
			if k.Problem != nil {
				e.report(list.at, fmt.Sprintf("a list with key %s that cannot be used (%v)", short(k.ID), k.Problem), "usable keys only")
			}
		}
	}
}}

var keyID = check{CheckInfo{
	ID:       "KEY-ID",
	Severity: Warning,
	Title:    "every key id is the one that follows from its key",
	Hint:     "list the key anew, under its right id: tough refuses the file, and rust-tuf ignores the key",
	Sources:  []string{"UPT-001", "TUF-005"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, k := range e.keys() {
		if k.Problem == nil && k.CheckID(e.Format) != nil {
			e.report(k.at, "under key id "+short(k.ID)+", which does not follow from it", "the key id of format "+e.Format.Name())
		}
	}
}}

var keyPossession = check{CheckInfo{
	ID:       "KEY-POSSESSION",
	Severity: Warning,
	Title:    "a signature has proved for every key that somebody has its private part",
	Hint:     "let the owner sign a proof of possession, and compare the key by telephone or in person",
	Sources:  []string{"DBP-030"},
	Needs:    "key records",
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, k := range e.keys() {
		switch {
		case !k.known || k.facts.Planned:
			e.lacks()
		case !k.facts.Possession:
			e.report(k.at, "without a proof of possession", "one")
		}
	}
}}

// short is the beginning of a key id, for people.
func short(id roles.KeyID) string {
	if len(id) > 12 {
		return string(id[:12]) + "…"
	}
	return string(id)
}

// topLevel says whether one of the key's roles is a top-level role.
func (k *usedKey) topLevel() bool {
	return slices.ContainsFunc(k.roles, func(t *trusted) bool { return t.kind != "delegated" })
}

// shared says whether roles of different names list the key: one role that
// lists it twice is another matter.
func (k *usedKey) shared() bool {
	return slices.ContainsFunc(k.roles, func(t *trusted) bool { return t.Name != k.roles[0].Name })
}

func (k *usedKey) roleNames() string {
	var names []string
	for _, t := range k.roles {
		names = append(names, t.Name)
		if len(names) == 4 {
			break
		}
	}
	return strings.Join(names, " and ")
}
