package foresight

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Publication is what vehicles will see of a plan: every file as if it were signed by
// those whom the plan asks, and what others sign after it by as many as they need. The
// images that targets list are there before.
func Publication(s *scene.Scene, p *plan.Plan) (*simulate.Publication, error) {
	f := foresight{s, p, &simulate.Publication{Repository: p.Repository, Format: s.Format, Director: s.Policy.Director(), Now: p.Created, Served: roles.Served{}}}
	if err := errors.Join(f.now(), f.supplied()); err != nil {
		return nil, err
	}
	var next []scene.Next
	for _, file := range p.Files {
		next = append(next, file.Next())
	}
	next = append(next, f.others()...)
	for _, n := range next {
		if err := f.add(n, next); err != nil {
			return nil, err
		}
	}
	return f.to, nil
}

// Whole is Publication with what was published before, and with what the other
// repository publishes.
func Whole(ws *workspace.Workspace, s *scene.Scene, p *plan.Plan) (*simulate.Publication, error) {
	to, err := Publication(s, p)
	if err != nil {
		return nil, err
	}
	if err := addHistory(ws, s, to); err != nil {
		return nil, err
	}
	return to, addOther(ws, s, to)
}

// foresight is a publication in the making.
type foresight struct {
	scene *scene.Scene
	plan  *plan.Plan
	to    *simulate.Publication
}

// now adds what is published now. Of a supplier's file that is to come, the older one
// is.
func (f *foresight) now() error {
	state := f.scene.Signed
	for _, root := range state.Roots {
		seen, err := roles.Foresee(root)
		if err != nil {
			return err
		}
		f.to.Roots = append(f.to.Roots, seen)
		f.to.Served[f.scene.Format.MetadataPath("root", seen.Head().Version)] = seen
	}
	files := maps.Clone(state.Files)
	maps.Copy(files, state.Before)
	for role, file := range files {
		seen, err := roles.Foresee(file)
		if err != nil {
			return err
		}
		f.to.Served[state.MetadataPath(role, seen.Head().Version)] = seen
		f.to.Known = append(f.to.Known, simulate.Edition{Role: role, File: seen})
	}
	return nil
}

// supplied adds the files of suppliers that are to come, as they are.
func (f *foresight) supplied() error {
	state := f.scene.Signed
	for _, role := range slices.Sorted(maps.Keys(state.Before)) {
		file := state.Files[role]
		if _, ours := f.plan.File(role); ours || file == nil {
			continue
		}
		seen, err := roles.Foresee(file)
		if err != nil {
			return err
		}
		f.to.Add(role, state.MetadataPath(role, seen.Head().Version), false, seen)
	}
	return nil
}

// others are the files that a server, or another site, signs after the plan.
func (f *foresight) others() (list []scene.Next) {
	for _, t := range roles.From(Until(f.scene, f.plan)) {
		role := string(t)
		if _, planned := f.plan.File(role); planned {
			continue
		}
		version := f.scene.Signed.Version(role) + 1
		for _, due := range f.plan.Server {
			if string(due.Role) == role && due.Version > 0 {
				version = due.Version
			}
		}
		list = append(list, scene.Next{Role: role, Version: min(version, roles.MaxVersion), Expires: f.scene.Expires(role), Path: path.Join(f.scene.Signed.Dir, f.scene.Signed.MetadataPath(role, version))})
	}
	return list
}

// add foresees one file. all are those that are to come.
func (f *foresight) add(n scene.Next, all []scene.Next) error {
	_, planned := f.plan.File(n.Role)
	body, err := f.body(n, all, planned)
	if err != nil {
		return err
	}
	draft, err := f.draft(n, body, planned)
	if err != nil {
		return err
	}
	seen, err := draft.Foresee(body, f.signers(n.Role, planned))
	if err != nil {
		return err
	}
	f.to.Add(n.Role, strings.TrimPrefix(n.Path, f.scene.Signed.Dir+"/"), !planned, seen)
	return nil
}

func (f *foresight) body(n scene.Next, all []scene.Next, planned bool) (roles.Body, error) {
	switch signed.RoleType(n.Role) {
	case roles.TypeSnapshot:
		return f.scene.Snapshot(all), nil
	case roles.TypeTimestamp:
		t := f.scene.Timestamp()
		if i := slices.IndexFunc(all, func(o scene.Next) bool { return o.Role == "snapshot" }); i >= 0 {
			t.Snapshot = roles.Meta{Name: "snapshot.json", Version: all[i].Version, Length: -1}
		}
		return t, nil
	}
	if planned {
		return f.scene.Body(n.Role)
	}
	targets := &roles.Targets{} // the server's own, of which its signers and its version are known
	if known := f.scene.Signed.Targets(n.Role); known != nil {
		copied := *known
		targets = &copied
	}
	return targets, nil
}

// draft is the one that is to be signed, where that is known.
func (f *foresight) draft(n scene.Next, body roles.Body, planned bool) (*roles.Draft, error) {
	t := body.Type()
	if planned && (t == roles.TypeRoot || t == roles.TypeTargets) {
		d, err := f.scene.Draft(n)
		if err != nil {
			return nil, err
		}
		return d.Bytes, nil
	}
	return f.scene.Encode(body, n)
}

// signers are the keys that the plan asks to sign a file; of one that others sign,
// all of its role.
func (f *foresight) signers(role string, planned bool) (keys []roles.Key) {
	if !planned {
		_, keys = f.scene.Signers(role)
		return keys
	}
	for _, step := range f.plan.Signing(role) {
		keys = append(keys, f.scene.Key(role, step.Key))
	}
	return keys
}

// fewFiles is of how many files a plan has vehicles look at the delegated ones too; of
// more, keyrite simulate does.
const fewFiles = 200

// stranded walks every class of vehicles through a plan, and says who is left behind.
func (s *Subject) stranded() ([]policies.Stranded, error) {
	if s.Written != nil || s.Plan.Emergency != "" { // it is running: what people read of it was found before
		return nil, nil
	}
	publication, err := Publication(s.Scene, s.Plan)
	if err != nil {
		return nil, err
	}
	publication.Top = len(s.Scene.Signed.Files) > fewFiles
	result, err := publication.Walk(publication.Classes())
	if err != nil {
		return nil, err
	}
	list := []policies.Stranded{}
	for _, g := range result.Groups() {
		if !g.Along {
			list = append(list, policies.Stranded{Who: g.Vehicles(), Why: g.Reason(), Workshop: g.Workshop})
		}
	}
	return list, nil
}
