package onlineedit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Take makes the plan of a ceremony that signs what a server asks for in file. The images
// file of targets gets the images that it wants, so that trust.yaml still declares all that
// is signed; people who do not want them put the file back. It is written, and the plan
// beside it, once the plan is known to list exactly what was asked for.
func Take(ws *workspace.Workspace, file string, request plan.Request) (*derive.Made, *Request, error) {
	t, err := begin(ws, file, request.Repository)
	if err != nil {
		return nil, nil, err
	}
	if len(t.asked.Changes) == 0 { // the same images anew
		request.Renew = append(slices.Clone(request.Renew), t.asked.Role)
	}
	request.Reason = cmp.Or(request.Reason, fmt.Sprintf("the server asks for targets %d", t.asked.Version))
	made, err := derive.Plan(ws, t.list, request)
	if err != nil {
		return nil, t.asked, err
	}
	if err := t.exactly(made); err != nil {
		return nil, t.asked, err
	}
	if err := t.list.Settle(); err != nil || made.SameAs {
		return made, t.asked, err
	}
	return made, t.asked, made.Write(ws, request.Ceremony)
}

// taking is a request on its way into a plan.
type taking struct {
	asked   *Request
	state   *signed.State
	changes map[string]bool // images that the server wants otherwise than they are signed, by path
	list    *disk.Pending   // the images file
}

func begin(ws *workspace.Workspace, file, repository string) (*taking, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(repository)
	if err != nil {
		return nil, err
	}
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return nil, err
	}
	t := &taking{list: &disk.Pending{Folder: ws.Folder, Name: path.Clean(repo.ImagesFiles()["targets"])}}
	if t.list.Name == "." {
		return nil, trust.Errorf(fault.Usage, repo.Path("roles", "targets"), "has no `images`, where the images that a server asks for could stand").
			Hint("add to it: images: images.yaml; the file is written by keyrite plan %s --request", repository)
	}
	if t.asked, err = Read(file, format); err != nil {
		return nil, err
	}
	if t.state, err = signed.Load(ws, repository, format); err != nil {
		return nil, err
	}
	if err := t.state.Verify(); err != nil {
		return nil, err
	}
	if err := t.asked.against(t.state, repository); err != nil {
		return nil, err
	}
	t.changes = map[string]bool{}
	for _, c := range t.asked.Changes {
		t.changes[c.Subject] = true
	}
	return t, t.declare()
}

// declare makes the images file say what the server asks for.
func (t *taking) declare() error {
	listed, err := t.listed()
	if err != nil {
		return err
	}
	var wanted []images.Image
	for _, image := range t.asked.body.Images {
		if !t.changes[image.Path] {
			continue // as it is signed
		}
		made, err := images.Of(image)
		if err != nil {
			return fault.Errorf(fault.Usage, "the server asks for an image that no images file can list: %w", err)
		}
		wanted = append(wanted, made)
	}
	kept := slices.DeleteFunc(listed.Images, func(i images.Image) bool { return t.changes[i.Path] })
	all := &images.List{Images: slices.Concat(kept, wanted)}
	all.Sort()
	var b bytes.Buffer
	err = all.Write(&b)
	t.list.New = b.Bytes()
	return err
}

// listed is what the images file lists; where it is not there yet, what is signed.
func (t *taking) listed() (*images.List, error) {
	data, err := t.list.Folder.Read(t.list.Name, images.MaxImagesYAML)
	if err == nil {
		t.list.Old = data
		return images.Parse(t.list.Name, data)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listed := &images.List{}
	for _, image := range t.state.Targets("targets").Images {
		made, err := images.Of(image)
		if err != nil {
			return nil, fault.Errorf(fault.Usage, "%s could not list what is signed: %w", t.list.Name, err)
		}
		listed.Images = append(listed.Images, made)
	}
	return listed, nil
}

// exactly refuses a plan that signs other targets than the server asks for, but for when
// they expire, which is trust.yaml's to say.
func (t *taking) exactly(made *derive.Made) error {
	if made.Plan == nil {
		return fault.Errorf(fault.Refused, "nothing would be signed, though the server asks for targets %d", t.asked.Version)
	}
	file, planned := made.Plan.File(t.asked.Role)
	if !planned || file.Version != t.asked.Version {
		return fault.Errorf(fault.Refused, "targets %d would not be signed here, for which the server asks", t.asked.Version).
			Hint("keyrite plan %s says what would be", made.Plan.Repository)
	}
	body, err := made.Scene.Body(t.asked.Role)
	if err != nil {
		return err
	}
	for _, c := range roles.Diff(t.asked.body, body, roles.DiffOptions{Role: t.asked.Role, KeyName: made.Scene.Ring.Name}) {
		if c.What != "version" && c.What != "expires" {
			return fault.Errorf(fault.Refused, "the workspace declares more than the server asks for: %s", c).
				Hint("sign and publish that first, then edit at the server again: keyrite plan %s", made.Plan.Repository)
		}
	}
	return nil
}
