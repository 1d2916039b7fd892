package audit

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foresight"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// PolicyRequest says what to hold against which policy.
type PolicyRequest struct {
	Path   string // a workspace, a bundle, or a folder of metadata, other tools' included
	Policy string // preset or policy file; empty: that of trust.yaml, or `tuf`
	Now    time.Time
}

// CheckPolicy holds a workspace, a bundle or a folder of metadata against a
// policy, one result for each repository. A repository of which nothing is signed yet
// has none, and is named in skipped. Signatures are not verified here.
func CheckPolicy(r PolicyRequest) (results map[string]policies.Result, skipped []string, err error) {
	if isDir(r.Path) {
		ws, err := workspace.Open(r.Path)
		if err != nil {
			return nil, nil, err
		}
		defer ws.Close()
		if there, err := ws.Exists(workspace.TrustFile); err != nil || there {
			return checkWorkspace(ws, r)
		}
	}
	p, err := openPublished(r.Path)
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	results, err = p.checkPolicy(r)
	return results, nil, err
}

// checkWorkspace checks what is signed, with everything that the workspace
// knows of keys and people.
func checkWorkspace(ws *workspace.Workspace, r PolicyRequest) (results map[string]policies.Result, skipped []string, err error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, nil, err
	}
	results = map[string]policies.Result{}
	for _, name := range trust.RepositoryNames() {
		begun, err := isSigned(ws, trust.Repositories[name])
		if err != nil {
			return nil, nil, err
		}
		if !begun {
			skipped = append(skipped, name)
			continue
		}
		if results[name], err = checkRepository(ws, site, name, r); err != nil {
			return nil, nil, err
		}
	}
	return results, skipped, nil
}

// isSigned says whether a repository has a root. Before that, trust.yaml may name keys
// and images that are not there yet.
func isSigned(ws *workspace.Workspace, repo *workspace.Repository) (bool, error) {
	state, err := signed.Of(ws, repo)
	return err == nil && state.Root() != nil, err
}

func checkRepository(ws *workspace.Workspace, site *workspace.Site, name string, r PolicyRequest) (result policies.Result, err error) {
	now, err := scene.Read(ws, name, r.Now)
	if err != nil {
		return result, err
	}
	if r.Policy != "" {
		if now.Policy, err = policyByName(r.Policy); err != nil {
			return result, err
		}
	}
	s := &foresight.Subject{Scene: now, Plan: &plan.Plan{}, Room: scene.RoomOf(site, now.Repo.KeyNames), Now: r.Now}
	now.In(s.Room)
	return s.Check()
}

// checkPolicy checks metadata of which nothing else is known.
func (p *published) checkPolicy(r PolicyRequest) (map[string]policies.Result, error) {
	n, err := p.newest()
	if err != nil {
		return nil, err
	}
	result, err := checkFiles(n.format, n.files, n.roots, r)
	return map[string]policies.Result{repositoryOfPath: result}, err
}

// repositoryOfPath is what findings call a repository that has no name.
const repositoryOfPath = "repository"

func checkFiles(f roles.Format, files map[string]*roles.File, roots []int64, r PolicyRequest) (policies.Result, error) {
	if r.Policy == "" {
		r.Policy = "tuf"
	}
	policy, err := policyByName(r.Policy)
	if err != nil {
		return policies.Result{}, err
	}
	set := &policies.Set{Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{}, Problems: map[string]error{}}
	for role, file := range files {
		signed.Put(set, role, file.Body)
		set.Bytes[role] = int64(len(file.Published()))
		if file.Problem != nil {
			set.Problems[role] = file.Problem
		}
	}
	return policy.Check(&policies.Subject{Repository: repositoryOfPath, Format: f, Now: r.Now, Next: set, Roots: roots}), nil
}

// policyByName returns a preset, or the policy file of that path.
func policyByName(name string) (*policies.Policy, error) {
	if !strings.ContainsAny(name, "./") {
		p, err := policies.Preset(name)
		if err != nil {
			return nil, fault.Errorf(fault.Usage, "%w", err).Suggest(name, policies.Presets())
		}
		return p, nil
	}
	data, err := disk.ReadFile(name, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return workspace.ParsePolicy(name, data)
}

// ShowPolicy returns a preset, or the policy file of that path, with the source
// of each line.
func ShowPolicy(name string) (policies.Effective, error) {
	p, err := policyByName(name)
	if err != nil {
		return policies.Effective{}, err
	}
	return p.Show(), nil
}

// RefusedByPolicy is the error of results that refuse, nil when none does.
func RefusedByPolicy(results map[string]policies.Result) error {
	for _, name := range slices.Sorted(maps.Keys(results)) {
		if err := scene.RefusedBy(results[name]); err != nil {
			return err
		}
	}
	return nil
}
