package release

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/hsm"
)

// Request says what to release.
type Request struct {
	Images     []string // files and folders of new images; none: sign the role anew
	Under      string   // where the repository has them
	Role       string   // what lists them: targets or a delegated role; or snapshot, timestamp
	Repository string   // empty: the only one of trust.yaml that has the role
	Reason     string
	Out        string // the bundle to write; it must not exist

	HardwareIDs    []string
	ReleaseCounter *int64

	Only    bool // the role lists these images from now on, and no others
	Replace bool // a path that is listed may get another content

	RoomSHA256 digest.SHA256 // of the site.yaml that was reviewed; zero: whichever is here
	Wait       time.Duration // for another process that has the repository or a token
}

// Releaser releases in a room in which nobody is asked.
type Releaser struct {
	room.Room
	Inspect  preflight.Inspector
	Progress images.Progress // of hashing; nil: none
}

// Released is what came of it.
type Released struct {
	Repository string        `json:"repository"`
	Role       string        `json:"role"`
	Ceremony   string        `json:"ceremony,omitempty"` // "" where nothing was to be signed
	PlanSHA256 digest.SHA256 `json:"plan-sha256,omitzero"`
	Signed     []plan.File   `json:"signed"`
	Images     []string      `json:"images,omitempty"` // paths in the repository
	Bundle     *carry.Made   `json:"bundle"`
}

// Release hashes the images, has the role list them, signs what follows from that and
// packs it. Whatever else trust.yaml or the workspace would have signed is refused with
// code Refused, and all that is wrong is found before anything is written, but for what
// only the signing token can tell.
//
// One release at a time works on a repository, and the next begins from its result. One
// that was interrupted is finished by the next that releases the same images.
func (r *Releaser) Release(ctx context.Context, q Request) (*Released, error) {
	ctx = hsm.Patient(ctx, q.Wait)
	j, err := r.begin(ctx, q)
	if err != nil {
		return nil, err
	}
	defer j.close()
	made, err := j.plan(ctx)
	if err != nil {
		return nil, err
	}
	released := &Released{Repository: j.repo.Name, Role: q.Role, Images: j.files.Paths(), Signed: []plan.File{}}
	if made.Plan != nil {
		if err := j.sign(ctx, made); err != nil {
			return nil, err
		}
		released.Ceremony, released.PlanSHA256, released.Signed = made.Plan.Ceremony, made.SHA256, made.Plan.Files
	}
	released.Bundle, err = j.bundle()
	return released, err
}

// bundle packs what is signed, and of the images those that were given.
func (j *job) bundle() (*carry.Made, error) {
	return carry.Bundle(j.Workspace, carry.BundleRequest{Repository: j.repo.Name, Out: j.q.Out, Some: j.files, Now: j.Now()})
}

// Dry is the plan that Release would run. It writes nothing.
func (r *Releaser) Dry(ctx context.Context, q Request) (*derive.Made, error) {
	j, err := r.begin(ctx, q)
	if err != nil {
		return nil, err
	}
	defer j.close()
	made, _, err := j.derive()
	return made, err
}

// plan derives what is to be signed. A release that was interrupted comes to its end
// first.
func (j *job) plan(ctx context.Context) (*derive.Made, error) {
	made, list, err := j.derive()
	if open := (*derive.UnderWay)(nil); errors.As(err, &open) {
		if err := j.resume(ctx, open.Ceremony); err != nil {
			return nil, err
		}
		made, list, err = j.derive()
	}
	if err != nil {
		return nil, err
	}
	if err := list.Settle(); err != nil {
		return nil, err
	}
	if made.Plan == nil || made.SameAs {
		return made, nil
	}
	return made, made.Write(j.Workspace, "")
}

// derive derives the plan for the list as it is about to be.
func (j *job) derive() (*derive.Made, *disk.Pending, error) {
	list, err := j.list()
	if err != nil {
		return nil, nil, err
	}
	request := plan.Request{Repository: j.repo.Name, Reason: j.q.Reason, Signers: j.signers(), Now: j.Now()}
	if len(j.q.Images) == 0 {
		request.Renew = []string{j.q.Role}
	}
	made, err := derive.Plan(j.Workspace, list, request)
	if err != nil {
		return nil, nil, err
	}
	return made, list, j.permit(made.Derived)
}

// signers are the keys that may sign without a person, and all those of other roles: if
// those are needed, that is refused by name.
func (j *job) signers() (keys []string) {
	for _, role := range j.repo.Order() {
		names, _ := j.repo.Signers(role)
		for _, key := range names {
			if !j.signs(role) || j.unattended(key, role) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// sign runs the plan that this process derived, and no other.
func (j *job) sign(ctx context.Context, made *derive.Made) error {
	return j.run(ctx, made.Plan.Ceremony, made.SHA256)
}

func (j *job) run(ctx context.Context, ceremony string, sum digest.SHA256) error {
	r := &run.Run{Room: j.Room, Inspect: j.Inspect, Yes: true, PlanSHA256: sum, RoomSHA256: j.site.SHA256()}
	return r.Ceremony(ctx, ceremony)
}

// resume brings a release to its end that another process began, if this one may sign
// all that it does.
func (j *job) resume(ctx context.Context, ceremony string) error {
	p, sum, err := plan.Read(j.Workspace, ceremony)
	if err != nil {
		return err
	}
	derived, err := derive.Again(j.Workspace, p, sum)
	if err == nil {
		err = j.permit(derived)
	}
	if err != nil {
		return notThisRelease(ceremony, err)
	}
	j.Prompter.Say("%s was interrupted; it is finished first.", ceremony)
	return j.run(ctx, ceremony, sum)
}
