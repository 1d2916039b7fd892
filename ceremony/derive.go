package ceremony

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// PlanRequest says what to derive a plan for.
type PlanRequest struct {
	Repository string
	Reason     string   // in people's words, for the transcript and the record
	Renew      []string // roles to sign anew although nothing changed
	Signers    []string // sign with these keys only; empty: any key that is held here
	Now        time.Time
}

// Derive compares trust.yaml with the metadata that is signed now and returns
// the ceremony that makes them equal, or nil when they are equal already.
func Derive(ws *Workspace, request PlanRequest) (*Plan, error) {
	d, err := newDerivation(ws, request)
	if err != nil {
		return nil, err
	}
	if err := d.checkRequest(); err != nil {
		return nil, err
	}
	for _, role := range d.repo.order() {
		if err := d.consider(role); err != nil {
			return nil, err
		}
	}
	if len(d.plan.Files) == 0 {
		return nil, nil
	}
	if err := d.checkPolicy(); err != nil {
		return nil, err
	}
	if d.plan.Ceremony, err = nextCeremony(ws, request.Repository, request.Now); err != nil {
		return nil, err
	}
	if err := d.number(); err != nil {
		return nil, err
	}
	return d.plan, d.pin()
}

// derivation is a plan in the making.
type derivation struct {
	ws      *Workspace
	trust   *Trust
	site    *Site
	repo    *Repository
	desired *desired
	state   *signedState
	request PlanRequest
	plan    *Plan
}

func newDerivation(ws *Workspace, request PlanRequest) (*derivation, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(request.Repository)
	if err != nil {
		return nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	d := &derivation{ws: ws, trust: trust, site: site, repo: repo, request: request}
	if d.state, d.desired, err = declared(ws, repo, request.Now); err != nil {
		return nil, err
	}
	if err := d.state.verify(); err != nil {
		return nil, err
	}
	d.plan = &Plan{
		Version: 1, Fleet: trust.Fleet, Repository: repo.Name, Format: repo.Format,
		Created: roles.FormatTime(request.Now), Reason: request.Reason,
	}
	return d, nil
}

// checkPolicy stops a bad ceremony before a key is touched.
func (d *derivation) checkPolicy() error {
	s := &subject{trust: d.trust, site: d.site, repo: d.repo, plan: d.plan, state: d.state, desired: d.desired, now: d.request.Now}
	policy, err := d.repo.loadPolicy(d.ws)
	if err != nil {
		return err
	}
	result, err := s.check(policy)
	if err != nil {
		return err
	}
	for _, f := range result.Findings {
		d.plan.Findings = append(d.plan.Findings, f.String())
	}
	return refusedBy(result)
}

// declared loads what is signed and what trust.yaml wants instead.
func declared(ws *Workspace, repo *Repository, at time.Time) (*signedState, *desired, error) {
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return nil, nil, Errorf(Usage, "%s: %w", repo.path("format"), err)
	}
	state, err := loadState(ws, repo.Name, format)
	if err != nil {
		return nil, nil, err
	}
	ring, err := loadKeyring(ws, repo, format)
	if err != nil {
		return nil, nil, err
	}
	want := &desired{repo: repo, format: format, ring: ring, images: map[string]*Images{}, at: at}
	for role, file := range repo.imagesFiles() {
		if want.images[role], err = ws.Images(file); err != nil {
			return nil, nil, err
		}
	}
	return state, want, nil
}

// imagesFiles lists the images files by role.
func (r *Repository) imagesFiles() map[string]string {
	files := map[string]string{}
	if file := r.Roles["targets"].Images; file != "" {
		files["targets"] = file
	}
	for _, d := range r.Delegations {
		if d.Images != "" {
			files[d.Role] = d.Images
		}
	}
	return files
}

func (d *derivation) checkRequest() error {
	for _, role := range d.request.Renew {
		if !slices.Contains(d.repo.order(), role) {
			return Errorf(Usage, "--renew %s: no such role in repository %s; want one of %s", role, d.repo.Name, orNone(d.repo.order()))
		}
	}
	for _, key := range d.request.Signers {
		if d.desired.ring.keys[key].ID == "" {
			return Errorf(Usage, "--signers %s: no such key in repository %s; want some of %s", key, d.repo.Name, orNone(d.repo.KeyNames))
		}
	}
	return nil
}

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
	file, err := d.file(role)
	if err != nil {
		return err
	}
	if err := d.describe(role, why, &file); err != nil {
		return err
	}
	d.plan.Files = append(d.plan.Files, file)
	d.addSteps(file, signers)
	return nil
}

// why says why the file of a role has to be signed, "" when it need not be.
func (d *derivation) why(role string) (string, error) {
	old := d.state.body(role)
	if old == nil {
		return "first version", nil
	}
	if slices.Contains(d.request.Renew, role) {
		return "renewal", nil
	}
	if slices.ContainsFunc(d.plan.Files, func(f PlannedFile) bool { return states(role, f.Role) }) {
		return "states new files", nil
	}
	if expires := roles.HeadOf(old).Expires; !d.request.Now.Before(expires) {
		return "expired on " + roles.FormatTime(expires), nil
	}
	body, err := d.desired.body(role, d.state)
	if err != nil {
		return "", err
	}
	same, err := roles.SameContent(d.state.format, old, body)
	if err != nil {
		return "", &Error{Code: Refused, Err: fmt.Errorf("%s: %w", role, err)}
	}
	if !same {
		return "changed", nil
	}
	if d.voided(role) {
		return "its keys change", nil
	}
	return "", nil
}

// states says whether the file of a role states version and hashes of another.
func states(role, other string) bool {
	switch role {
	case "snapshot":
		return roleType(other) == roles.TypeTargets
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
	wanted, keys := d.desired.signers(role)
	return roles.CheckThreshold(d.state.file(role), wanted, keys).Err() != nil
}

// quorums are the thresholds that the signatures of a role's file must meet.
func (d *derivation) quorums(role string) []quorum {
	keys, threshold := d.repo.signers(role)
	q := quorum{name: role, keys: keys, threshold: threshold}
	if role != "root" {
		return []quorum{q}
	}
	q.name = "new root"
	if old := d.state.rootBody(); old != nil {
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
		if name, ok := d.desired.ring.names[k.Fingerprint]; ok {
			names = append(names, name)
		}
	}
	return names
}

func (d *derivation) delegation(role string) DelegationDecl {
	i := slices.IndexFunc(d.repo.Delegations, func(decl DelegationDecl) bool { return decl.Role == role })
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
	if delegated := !slices.Contains(topLevel, role); delegated && d.state.file(role) == nil {
		return Errorf(Refused, "delegation %s: nobody here holds its keys and there is no signed file of it; clients would stop at it", role).
			Hint("put the file that the supplier signed at %s, or leave the delegation out until it is there", path.Join(d.state.dir, d.state.format.MetadataPath(role, 1)))
	} else if delegated && d.voided(role) {
		return Errorf(Refused, "delegation %s: %s is not signed by the keys that trust.yaml lists for it (%s); clients would stop at it", role, d.state.paths[role], orNone(d.quorums(role)[0].keys)).
			Hint("have it signed anew; while keys change, by the old ones and the new ones")
	}
	d.plan.Notes = append(d.plan.Notes, fmt.Sprintf("%s is signed elsewhere (%s): %s", role, orNone(d.quorums(role)[0].keys), why))
	return nil
}

// file names the next version of a role's file.
func (d *derivation) file(role string) (PlannedFile, error) {
	lifetime := time.Duration(0)
	if decl, ok := d.repo.Roles[role]; ok {
		lifetime = time.Duration(decl.Expires)
	} else {
		lifetime = time.Duration(d.delegation(role).Expires)
	}
	version := d.state.version(role) + 1
	file := PlannedFile{
		Role:    role,
		Version: version,
		Expires: roles.FormatTime(d.request.Now.Add(lifetime)),
		Path:    path.Join(d.state.dir, d.state.format.MetadataPath(role, version)),
	}
	if d.state.paths[role] == file.Path {
		sum := sha256.Sum256(d.state.file(role).Raw)
		file.Replaces = hex.EncodeToString(sum[:])
	}
	return file, nil
}

// describe adds what changes in a file to the plan and, where the bytes to sign
// are known already, their hash.
func (d *derivation) describe(role, why string, file *PlannedFile) error {
	d.plan.Changes = append(d.plan.Changes, fmt.Sprintf("%s %d: %s; expires %s", role, file.Version, why, file.Expires))
	t := roleType(role)
	if t == roles.TypeSnapshot || t == roles.TypeTimestamp {
		return nil
	}
	body, err := d.desired.body(role, d.state)
	if err != nil {
		return err
	}
	draft, err := draftFile(d.state.format, body, *file)
	if err != nil {
		return err
	}
	d.plan.Changes = append(d.plan.Changes, changesOf(role, d.state.body(role), body, d.desired.ring)...)
	if len(d.desired.ring.planned) == 0 || role != "root" && !d.usesPlanned(role) {
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
	return slices.ContainsFunc(d.repo.Delegations, func(decl DelegationDecl) bool {
		return slices.ContainsFunc(decl.Keys, func(key string) bool { _, planned := d.desired.ring.planned[key]; return planned })
	})
}

// signatureRoom is what one signature takes in a file at most, in bytes.
const signatureRoom = 1300

// draftFile makes the bytes to sign of a planned file.
func draftFile(f roles.Format, body roles.Body, file PlannedFile) (*roles.Draft, error) {
	expires, err := file.expires()
	if err != nil {
		return nil, Errorf(Usage, "%s: expires is %q, want RFC 3339", file.Path, file.Expires)
	}
	roles.SetHead(f, body, file.Version, expires)
	draft, err := roles.Encode(f, body)
	if err != nil {
		return nil, &Error{Code: Refused, Err: roles.InFile(file.Path, err)}
	}
	if limit := f.MaxBytes(body.Type()); int64(len(draft.JSON)+signatureRoom) > limit {
		return nil, Errorf(Refused, "%s: %d bytes before signatures; clients of format %s take at most %d", file.Path, len(draft.JSON), f.Name(), limit).
			Hint("split the content over delegations, or drop what is obsolete")
	}
	return draft, nil
}

// addSteps adds the steps of one file.
func (d *derivation) addSteps(file PlannedFile, signers []signer) {
	steps := []Step{{Do: doReview, Role: file.Role, Version: file.Version}}
	for _, s := range signers {
		steps = append(steps, Step{Do: doSign, Role: file.Role, Version: file.Version, Key: s.key, CountsFor: s.countsFor})
	}
	d.plan.Steps = append(d.plan.Steps, steps...)
	d.plan.Steps = append(d.plan.Steps, Step{Do: doWrite, Role: file.Role, Version: file.Version, Path: file.Path})
	d.plan.Outputs = append(d.plan.Outputs, file.Path)
}

// number puts key generation in front and gives every step its number.
func (d *derivation) number() error {
	var generate []Step
	var records []string
	for _, name := range d.repo.KeyNames {
		if t, ok := d.desired.ring.planned[name]; ok {
			if _, err := d.site.TokenOf(name); err != nil {
				return err
			}
			generate = append(generate, Step{Do: doGenerate, Key: name, Type: t})
			records = append(records, keyPath(name))
		}
	}
	d.plan.Outputs = append(records, d.plan.Outputs...)
	d.plan.Steps = append(append(generate, d.plan.Steps...), Step{Do: doVerify})
	for i := range d.plan.Steps {
		d.plan.Steps[i].Step = i + 1
	}
	return nil
}

// pin records the SHA-256 of every file that the plan was derived from.
func (d *derivation) pin() error {
	paths := []string{trustFile}
	if !slices.Contains(policies.Presets(), d.repo.Policy) {
		paths = append(paths, d.repo.Policy)
	}
	for _, file := range d.repo.imagesFiles() {
		paths = append(paths, file)
	}
	for name := range d.desired.ring.records {
		if slices.Contains(d.repo.KeyNames, name) || slices.Contains(d.previousKeys(), name) {
			paths = append(paths, keyPath(name))
		}
	}
	for version := range d.state.roots {
		paths = append(paths, path.Join(d.state.dir, d.state.format.MetadataPath("root", int64(version+1))))
	}
	for role := range d.state.files {
		paths = append(paths, d.state.paths[role])
	}
	slices.Sort(paths[1:])
	for _, p := range slices.Compact(paths) {
		sum, err := hashFile(d.ws, p)
		if err != nil {
			return err
		}
		d.plan.Inputs = append(d.plan.Inputs, PlanInput{Path: p, SHA256: sum})
	}
	return nil
}

// previousKeys names the root keys of the signed root.
func (d *derivation) previousKeys() []string {
	if old := d.state.rootBody(); old != nil {
		return d.signersOf(old)
	}
	return nil
}
