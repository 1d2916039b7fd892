package derive

import (
	"fmt"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// fileIfDue adds the file of a role to the plan if it has to be signed anew.
func (d *derivation) fileIfDue(role string) error {
	why, err := d.why(role)
	if err != nil || why == "" {
		return err
	}
	if role != "root" && !d.signedHere(role) {
		return d.signedElsewhere(role, why)
	}
	if scene.HasBins(d.Signed.Targets(role)) {
		return fault.Errorf(fault.Refused, "%s: it delegates to hash bins (succinct_roles, TAP 15), which keyrite reads and does not sign", d.Signed.Paths[role]).
			Hint("whoever signs it now goes on with that: declare the keys of %s as public: in trust.yaml, then keyrite import --update brings what they sign", role)
	}
	signers, err := d.choose(role)
	if err != nil && why == plan.WhyDue { // others can sign it, and there is time
		return d.signedElsewhere(role, why)
	}
	if err != nil {
		return d.whyAbsent(role, err)
	}
	file, err := d.file(role, why, signers)
	if err != nil {
		return err
	}
	if err := d.describe(&file); err != nil {
		return err
	}
	d.plan.Files = append(d.plan.Files, file)
	d.addSteps(file, signers)
	return nil
}

// why says why the file of a role has to be signed, "" when it need not be.
func (d *derivation) why(role string) (plan.Why, error) {
	old := d.Signed.Body(role)
	switch {
	case old == nil:
		return plan.WhyFirst, nil
	case d.plan.Emergency != "":
		return plan.WhySealed, d.otherRoot()
	case d.kit != nil && role == "root":
		return plan.WhyKit, nil
	}
	if slices.Contains(d.plan.Renew, role) {
		return plan.WhyRenewal, nil
	}
	if slices.ContainsFunc(d.plan.Files, func(f plan.File) bool { return d.restates(role, f.Role) }) {
		return plan.WhyStates, nil
	}
	if !d.plan.Created.Before(roles.HeadOf(old).Expires) {
		return plan.WhyExpired, nil
	}
	if changed, err := d.changed(role, old); err != nil || changed {
		return plan.WhyChanged, err
	}
	switch {
	case d.LacksSignatures(role):
		return plan.WhyKeys, nil
	case roles.HeadOf(old).Version < d.Repo.Floor(role):
		return plan.WhyFloor, nil
	case d.isDue(role, old):
		return plan.WhyDue, nil
	}
	return "", nil
}

// changed says whether the file of a role would be another one than what is signed, but
// for its version and expiry.
func (d *derivation) changed(role string, old roles.Body) (bool, error) {
	body, err := d.Body(role)
	if err != nil {
		return false, err
	}
	head := roles.HeadOf(old)
	roles.SetHead(d.Format, body, head.Version, head.Expires)
	if slices.ContainsFunc(d.ChangesOf(role, body), deliberate) {
		return true, nil
	}
	same, err := roles.SameContent(d.Format, old, body)
	if err != nil {
		return false, &fault.Error{Code: fault.Refused, Err: fmt.Errorf("%s: %w", role, err)}
	}
	return !same, nil
}

// isDue says whether the file of a role is so near to its expiry that it is renewed,
// and nobody wants that later. In a rehearsal it is when the real one is.
func (d *derivation) isDue(role string, old roles.Body) bool {
	expires := roles.HeadOf(roles.AsIfMeant(old)).Expires
	return !d.plan.Created.Before(expires.Add(-d.Repo.Lead(role, d.Policy))) && !slices.Contains(d.plan.Later, role)
}

// deliberate says whether a change is one that somebody declared. A spec_version that
// is not keyrite's is no reason to sign a file: it changes when the file does.
func deliberate(c roles.Change) bool { return c.What != "spec_version" }

// restates says whether the file of a role states the version of another. Some
// servers' snapshots list root too.
func (d *derivation) restates(role, other string) bool {
	switch role {
	case "snapshot":
		old, _ := d.Signed.Body("snapshot").(*roles.Snapshot)
		return signed.RoleType(other) == roles.TypeTargets || old != nil && old.Find(other) != nil
	case "timestamp":
		return other == "snapshot"
	}
	return false
}

// file names the next version of a role's file: above what is signed, and above
// what any ceremony has signed and not put in place.
func (d *derivation) file(role string, why plan.Why, signers []signer) (plan.File, error) {
	version, err := d.next(role, signers)
	if err != nil {
		return plan.File{}, err
	}
	file := plan.File{
		Role:    role,
		Version: version,
		Why:     why,
		Expires: d.Expires(role),
		Path:    path.Join(d.Signed.Dir, d.Signed.MetadataPath(role, version)),
	}
	if d.kit != nil && role == "root" {
		file.Expires = d.kit.Expires
	}
	if d.Signed.Paths[role] == file.Path {
		file.Replaces = digest.Of(d.Signed.File(role).Raw)
	}
	return file, nil
}

// describe adds what changes in a file to the plan and, where the bytes to sign
// are known already, their hash.
func (d *derivation) describe(file *plan.File) error {
	t := signed.RoleType(file.Role)
	if t == roles.TypeSnapshot || t == roles.TypeTimestamp {
		return nil
	}
	draft, err := d.Draft(file.Next())
	if err != nil {
		return err
	}
	d.all = append(d.all, d.ChangesOf(file.Role, draft.Body)...)
	if !d.usesPlanned(file.Role) {
		file.SHA256 = draft.SHA256
	}
	return nil
}

// usesPlanned says whether a file lists a key that is not there yet.
func (d *derivation) usesPlanned(role string) bool {
	planned := d.Ring.Planned
	switch role {
	case "root":
		return slices.ContainsFunc(workspace.TopLevel, func(r string) bool { return slices.ContainsFunc(d.Repo.Roles[r].Keys, planned) })
	case "targets":
		return slices.ContainsFunc(d.Repo.Delegations, func(decl workspace.DelegationDecl) bool { return slices.ContainsFunc(decl.Keys, planned) })
	}
	return false
}

// addSteps adds the steps of one file.
func (d *derivation) addSteps(file plan.File, signers []signer) {
	steps := []plan.Step{{Do: plan.Review, Role: file.Role, Version: file.Version}}
	for _, s := range signers {
		steps = append(steps, plan.Step{Do: plan.Sign, Role: file.Role, Version: file.Version, Key: s.key, External: s.external, Sealed: s.sealed, CountsFor: s.countsFor})
	}
	last := plan.Step{Do: plan.Write, Role: file.Role, Version: file.Version, Path: file.Path}
	if d.plan.Emergency != "" {
		last.Do, last.Path = plan.Seal, kit.Path(d.plan.Emergency)
	}
	d.plan.Steps = append(append(d.plan.Steps, steps...), last)
}
