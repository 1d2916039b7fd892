package plan

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Request says what to derive a plan for.
type Request struct {
	Repository string
	Reason     string   // in people's words, for the transcript and the record
	Renew      []string // roles to sign anew although nothing changed
	Signers    []string // sign with these keys only; empty: any key that is held here
	Destroy    []string // destroy these keys at the end; nothing trusts them any more
	Now        time.Time
}

// Derive compares trust.yaml with the metadata that is signed now and returns
// the ceremony that makes them equal, or nil when they are equal already.
func Derive(ws *workspace.Workspace, request Request) (*Plan, error) {
	d, err := newDerivation(ws, request)
	if err != nil {
		return nil, err
	}
	if err := d.checkRequest(); err != nil {
		return nil, err
	}
	for _, role := range d.repo.Order() {
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
	ws      *workspace.Workspace
	trust   *workspace.Trust
	site    *workspace.Site
	repo    *workspace.Repository
	desired *Desired
	state   *signed.State
	request Request
	plan    *Plan
}

func newDerivation(ws *workspace.Workspace, request Request) (*derivation, error) {
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
	if d.state, d.desired, err = Declared(ws, repo, request.Now); err != nil {
		return nil, err
	}
	if err := d.state.Verify(); err != nil {
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
	s := &Subject{Trust: d.trust, Site: d.site, Repo: d.repo, Plan: d.plan, State: d.state, Desired: d.desired, Now: d.request.Now}
	policy, err := d.repo.LoadPolicy(d.ws)
	if err != nil {
		return err
	}
	result, err := s.Check(policy)
	if err != nil {
		return err
	}
	for _, f := range result.Findings {
		d.plan.Findings = append(d.plan.Findings, f.String())
	}
	return RefusedBy(result)
}

// Declared loads what is signed and what trust.yaml wants instead.
func Declared(ws *workspace.Workspace, repo *workspace.Repository, at time.Time) (*signed.State, *Desired, error) {
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return nil, nil, fault.Errorf(fault.Usage, "%s: %w", repo.Path("format"), err)
	}
	state, err := signed.Load(ws, repo.Name, format)
	if err != nil {
		return nil, nil, err
	}
	ring, err := loadKeyring(ws, repo, format)
	if err != nil {
		return nil, nil, err
	}
	want := &Desired{repo: repo, Format: format, Ring: ring, images: map[string]*images.List{}, at: at}
	for role, file := range repo.ImagesFiles() {
		if want.images[role], err = ws.Images(file); err != nil {
			return nil, nil, err
		}
	}
	return state, want, nil
}

func (d *derivation) checkRequest() error {
	for _, role := range d.request.Renew {
		if !slices.Contains(d.repo.Order(), role) {
			return fault.Errorf(fault.Usage, "--renew %s: no such role in repository %s; want one of %s", role, d.repo.Name, words.List(d.repo.Order()))
		}
	}
	for _, key := range d.request.Destroy {
		if err := d.mayDestroy(key); err != nil {
			return err
		}
	}
	for _, key := range d.request.Signers {
		if d.desired.Ring.Keys[key].ID == "" {
			return fault.Errorf(fault.Usage, "--signers %s: no such key in repository %s; want some of %s", key, d.repo.Name, words.List(d.repo.KeyNames))
		}
	}
	return nil
}
