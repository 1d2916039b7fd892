package plan

import (
	"fmt"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// quorums are the thresholds that the signatures of a role's file must meet.
func (d *derivation) quorums(role string) []quorum {
	keys, threshold := d.repo.Signers(role)
	q := quorum{name: role, keys: keys, threshold: threshold}
	if role != "root" {
		return []quorum{q}
	}
	q.name = "new root"
	if old := d.state.RootBody(); old != nil {
		return []quorum{{name: "previous root", keys: d.signersOf(old), threshold: old.Role("root").Threshold}, q}
	}
	return []quorum{q}
}

// signersOf names the root keys of a signed root. A key without a record in
// keys/ has no name and cannot be asked to sign.
func (d *derivation) signersOf(root *roles.Root) []string {
	var names []string
	for _, k := range root.Keys {
		if !slices.Contains(root.Role("root").KeyIDs, k.ID) {
			continue
		}
		if name, ok := d.desired.Ring.names[k.Fingerprint]; ok {
			names = append(names, name)
		}
	}
	return names
}

func (d *derivation) delegation(role string) workspace.DelegationDecl {
	i := slices.IndexFunc(d.repo.Delegations, func(decl workspace.DelegationDecl) bool { return decl.Role == role })
	return d.repo.Delegations[i]
}

// held says whether this site can ask a key to sign.
func (d *derivation) held(key string) bool {
	if len(d.request.Signers) > 0 && !slices.Contains(d.request.Signers, key) {
		return false
	}
	_, ok := d.site.Keys[key]
	return ok
}

// heldAny says whether any key of a role is at this site.
func (d *derivation) heldAny(role string) bool {
	return slices.ContainsFunc(d.quorums(role)[0].keys, func(key string) bool { _, ok := d.site.Keys[key]; return ok })
}

// signedElsewhere notes a role whose keys are all with somebody else: an online
// service, or a supplier who signs its own delegation.
func (d *derivation) signedElsewhere(role, why string) error {
	if delegated := !slices.Contains(workspace.TopLevel, role); delegated && d.state.File(role) == nil {
		return fault.Errorf(fault.Refused, "delegation %s: nobody here holds its keys and there is no signed file of it; clients would stop at it", role).
			Hint("put the file that the supplier signed at %s, or leave the delegation out until it is there", path.Join(d.state.Dir, d.state.Format.MetadataPath(role, 1)))
	} else if delegated && d.voided(role) {
		return fault.Errorf(fault.Refused, "delegation %s: %s is not signed by the keys that trust.yaml lists for it (%s); clients would stop at it", role, d.state.Paths[role], words.List(d.quorums(role)[0].keys)).
			Hint("have it signed anew; while keys change, by the old ones and the new ones")
	}
	d.plan.Notes = append(d.plan.Notes, fmt.Sprintf("%s is signed elsewhere (%s): %s", role, words.List(d.quorums(role)[0].keys), why))
	return nil
}

// previousKeys names the root keys of the signed root.
func (d *derivation) previousKeys() []string {
	if old := d.state.RootBody(); old != nil {
		return d.signersOf(old)
	}
	return nil
}
