package plan

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// consider adds the file of a role to the plan if it has to be signed anew.
func (d *derivation) consider(role string) error {
	why, err := d.why(role)
	if err != nil || why == "" {
		return err
	}
	if role != "root" && !d.heldAny(role) {
		return d.signedElsewhere(role, why)
	}
	signers, err := chooseSigners(role, d.quorums(role), d.held)
	if err != nil {
		return err
	}
	file := d.file(role)
	if err := d.describe(role, why, &file); err != nil {
		return err
	}
	d.plan.Files = append(d.plan.Files, file)
	d.addSteps(file, signers)
	return nil
}

// why says why the file of a role has to be signed, "" when it need not be.
func (d *derivation) why(role string) (string, error) {
	old := d.state.Body(role)
	if old == nil {
		return "first version", nil
	}
	if slices.Contains(d.request.Renew, role) {
		return "renewal", nil
	}
	if slices.ContainsFunc(d.plan.Files, func(f File) bool { return d.states(role, f.Role) }) {
		return "states new files", nil
	}
	if expires := roles.HeadOf(old).Expires; !d.request.Now.Before(expires) {
		return "expired on " + roles.FormatTime(expires), nil
	}
	body, err := d.desired.Body(role, d.state)
	if err != nil {
		return "", err
	}
	same, err := roles.SameContent(d.state.Format, old, body)
	if err != nil {
		return "", &fault.Error{Code: fault.Refused, Err: fmt.Errorf("%s: %w", role, err)}
	}
	if !same {
		return "changed", nil
	}
	if d.voided(role) {
		return "its keys change", nil
	}
	return "", nil
}

// states says whether the file of a role states the version of another. Some
// servers' snapshots list root too.
func (d *derivation) states(role, other string) bool {
	switch role {
	case "snapshot":
		old, _ := d.state.Body("snapshot").(*roles.Snapshot)
		return signed.RoleType(other) == roles.TypeTargets || old != nil && old.Find(other) != nil
	case "timestamp":
		return other == "snapshot"
	}
	return false
}

// voided says whether the signed file of a role would lack signatures under the
// keys that are wanted.
func (d *derivation) voided(role string) bool {
	if role == "root" {
		return false
	}
	wanted, keys := d.desired.Signers(role)
	return roles.CheckThreshold(d.state.File(role), wanted, keys).Err() != nil
}
