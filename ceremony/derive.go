package ceremony

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/roles"
)

// PlanRequest says what to derive a plan for.
type PlanRequest struct {
	Repository string
	Reason     string   // in people's words, for the transcript and the record
	Renew      []string // roles to sign anew although nothing changed
	Signers    []string // sign with these keys only; empty: any key that is held here
	Destroy    []string // destroy these keys at the end; nothing trusts them any more
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
	if len(d.plan.Files) == 0 && len(request.Destroy) == 0 {
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
	for _, key := range d.request.Destroy {
		if err := d.mayDestroy(key); err != nil {
			return err
		}
	}
	for _, key := range d.request.Signers {
		if d.desired.ring.keys[key].ID == "" {
			return Errorf(Usage, "--signers %s: no such key in repository %s; want some of %s", key, d.repo.Name, orNone(d.repo.KeyNames))
		}
	}
	return nil
}
