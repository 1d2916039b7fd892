package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// file names the next version of a role's file.
func (d *derivation) file(role string) File {
	lifetime := d.repo.Roles[role].Expires
	if !slices.Contains(workspace.TopLevel, role) {
		lifetime = d.delegation(role).Expires
	}
	version := d.state.Version(role) + 1
	file := File{
		Role:    role,
		Version: version,
		Expires: roles.FormatTime(d.request.Now.Add(time.Duration(lifetime))),
		Path:    path.Join(d.state.Dir, d.state.Format.MetadataPath(role, version)),
	}
	if d.state.Paths[role] == file.Path {
		sum := sha256.Sum256(d.state.File(role).Raw)
		file.Replaces = hex.EncodeToString(sum[:])
	}
	return file
}

// describe adds what changes in a file to the plan and, where the bytes to sign
// are known already, their hash.
func (d *derivation) describe(role, why string, file *File) error {
	d.plan.Changes = append(d.plan.Changes, fmt.Sprintf("%s %d: %s; expires %s", role, file.Version, why, file.Expires))
	t := signed.RoleType(role)
	if t == roles.TypeSnapshot || t == roles.TypeTimestamp {
		return nil
	}
	body, err := d.desired.Body(role, d.state)
	if err != nil {
		return err
	}
	draft, err := DraftFile(d.state.Format, body, *file)
	if err != nil {
		return err
	}
	d.plan.Changes = append(d.plan.Changes, ChangesOf(role, d.state.Body(role), body, d.desired.Ring)...)
	if len(d.desired.Ring.planned) == 0 || role != "root" && !d.usesPlanned(role) {
		sum := draft.SHA256()
		file.SHA256 = hex.EncodeToString(sum[:])
	}
	return nil
}

// usesPlanned says whether a targets file lists a key that is not there yet.
func (d *derivation) usesPlanned(role string) bool {
	if role != "targets" {
		return false
	}
	return slices.ContainsFunc(d.repo.Delegations, func(decl workspace.DelegationDecl) bool {
		return slices.ContainsFunc(decl.Keys, func(key string) bool { _, planned := d.desired.Ring.planned[key]; return planned })
	})
}

// addSteps adds the steps of one file.
func (d *derivation) addSteps(file File, signers []signer) {
	steps := []Step{{Do: DoReview, Role: file.Role, Version: file.Version}}
	for _, s := range signers {
		steps = append(steps, Step{Do: DoSign, Role: file.Role, Version: file.Version, Key: s.key, CountsFor: s.countsFor})
	}
	d.plan.Steps = append(d.plan.Steps, steps...)
	d.plan.Steps = append(d.plan.Steps, Step{Do: DoWrite, Role: file.Role, Version: file.Version, Path: file.Path})
	d.plan.Outputs = append(d.plan.Outputs, file.Path)
}

// number puts key generation in front, destruction last, when the repository has
// been verified without those keys, and gives every step its number.
func (d *derivation) number() error {
	var generate []Step
	var records []string
	for _, name := range d.repo.KeyNames {
		if t, ok := d.desired.Ring.planned[name]; ok {
			if _, err := d.site.TokenOf(name); err != nil {
				return err
			}
			generate = append(generate, Step{Do: DoGenerate, Key: name, Type: t, Backup: d.repo.Keys[name].Backup})
			records = append(records, workspace.KeyPath(name))
		}
	}
	d.plan.Outputs = append(records, d.plan.Outputs...)
	d.plan.Steps = append(append(generate, d.plan.Steps...), Step{Do: DoVerify})
	for _, name := range d.request.Destroy {
		d.plan.Steps = append(d.plan.Steps, Step{Do: DoDestroy, Key: name})
		d.plan.Changes = append(d.plan.Changes, fmt.Sprintf("key %s: destroyed on its token at the end, for good", name))
	}
	for i := range d.plan.Steps {
		d.plan.Steps[i].Step = i + 1
	}
	return nil
}

// pin records the SHA-256 of every file that the plan was derived from.
func (d *derivation) pin() error {
	paths := []string{workspace.TrustFile}
	if !slices.Contains(policies.Presets(), d.repo.Policy) {
		paths = append(paths, d.repo.Policy)
	}
	for _, file := range d.repo.ImagesFiles() {
		paths = append(paths, file)
	}
	for name := range d.desired.Ring.records {
		if slices.Contains(slices.Concat(d.repo.KeyNames, d.previousKeys(), d.request.Destroy), name) {
			paths = append(paths, workspace.KeyPath(name))
		}
	}
	for version := range d.state.Roots {
		paths = append(paths, path.Join(d.state.Dir, d.state.Format.MetadataPath("root", int64(version+1))))
	}
	for role := range d.state.Files {
		paths = append(paths, d.state.Paths[role])
	}
	slices.Sort(paths[1:])
	for _, p := range slices.Compact(paths) {
		sum, err := workspace.HashFile(d.ws, p)
		if err != nil {
			return err
		}
		d.plan.Inputs = append(d.plan.Inputs, Input{Path: p, SHA256: sum})
	}
	return nil
}
