package derive

import (
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// reach says how somebody can ask a key to sign the file of a role.
func (d *derivation) reach(role, key string) reach {
	if len(d.plan.Signers) > 0 && !slices.Contains(d.plan.Signers, key) || slices.Contains(d.plan.Lost, key) {
		return nowhere
	}
	at := d.reachable(key)
	if at != byHand && at != nowhere && d.otherScheme(role, key) {
		return nowhere
	}
	return at
}

// otherScheme says whether the file that lists a key wants its signatures by another
// scheme than tokens are asked for: one that was imported with the file.
func (d *derivation) otherScheme(role, key string) bool {
	return d.Key(role, key).Scheme != d.Ring.Keys[key].Scheme
}

func (d *derivation) reachable(key string) reach {
	if _, here := d.plan.Room.Held[key]; here {
		return onToken
	}
	if _, away := d.plan.Room.Elsewhere[key]; away {
		return atSite
	}
	if d.Repo.Keys[key].External != "" {
		return byHand
	}
	return nowhere
}

// signedHere says whether any key of a role can be asked to sign, here or at a site that the
// room knows.
func (d *derivation) signedHere(role string) bool {
	keys, _ := d.Repo.Signers(role)
	return slices.ContainsFunc(keys, func(key string) bool { return d.reachable(key) != nowhere })
}

// signedElsewhere notes a role whose keys are all with somebody else: another site,
// or a supplier who signs its own delegation.
func (d *derivation) signedElsewhere(role string, why plan.Why) error {
	keys, _ := d.Repo.Signers(role)
	if slices.Contains(workspace.TopLevel, role) {
		d.plan.Elsewhere = append(d.plan.Elsewhere, plan.Elsewhere{Role: role, Keys: keys, Why: why})
		return nil
	}
	return d.supplied(role, why, keys)
}

// supplied refuses a delegation at which clients would stop. One that is signed
// already, and whose file is missing or expired, is no more than a warning.
func (d *derivation) supplied(role string, why plan.Why, keys []string) error {
	switch lost := d.lost(role); {
	case d.Signed.File(role) == nil && lost == "":
		return fault.Errorf(fault.Refused, "delegation %s: nobody here holds its keys and there is no signed file of it; clients would stop at it", role).
			Hint("put the file that the supplier signed at %s, or leave the delegation out until it is there", path.Join(d.Signed.Dir, d.Signed.MetadataPath(role, 1)))
	case lost != "":
		return nil
	case d.LacksSignatures(role):
		return fault.Errorf(fault.Refused, "delegation %s: %s is not signed by the keys that trust.yaml lists for it (%s); clients would stop at it", role, d.Signed.Paths[role], words.List(keys)).
			Hint("have it signed anew; while keys change, by the old ones and the new ones")
	}
	d.plan.Elsewhere = append(d.plan.Elsewhere, plan.Elsewhere{Role: role, Keys: keys, Why: why})
	return nil
}
