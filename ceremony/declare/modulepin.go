package declare

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// ModulePin says which modules site.yaml is to have with the hash of their files.
type ModulePin struct {
	Paths  []string
	Name   string // of a new block; empty: as the kind of module is called
	Update bool   // a hash that is there already gives way
}

// PinnedModule is a module of site.yaml whose bytes are pinned now.
type PinnedModule struct {
	Name   string     `json:"name"`
	Path   string     `json:"path"`
	SHA256 string     `json:"sha256"`
	New    bool       `json:"new"`            // its block was added
	Kind   *hsm.Block `json:"kind,omitempty"` // what is known of such modules, nil when nothing
}

// PinModules writes the hash of each module's file into site.yaml: into every block
// that has its path, else into the one of its name that has no hash yet, else into a
// new one with what such a module needs. Another hash
// that is there already is refused with code Unverified, unless Update is set.
func PinModules(ws *workspace.Workspace, p ModulePin) (pinned []PinnedModule, err error) {
	if p.Name != "" && len(p.Paths) != 1 {
		return nil, fault.Errorf(fault.Usage, "one name is for one module; got %d", len(p.Paths))
	}
	_, err = EditSite(ws, func(e *SiteEdit) error {
		for _, path := range p.Paths {
			hash, err := hsm.HashModule(path)
			if err != nil {
				return err
			}
			these, err := p.pin(e, path, hash)
			if err != nil {
				return err
			}
			pinned = append(pinned, these...)
		}
		return nil
	})
	return pinned, err
}

func (p ModulePin) pin(e *SiteEdit, path, hash string) (pinned []PinnedModule, err error) {
	declared := e.Modules()
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		m := declared[name]
		if m.Path != path || p.Name != "" && p.Name != name {
			continue
		}
		if m.SHA256 != "" && m.SHA256 != hash && !p.Update {
			return nil, e.site.Errorf(fault.Unverified, "modules."+name+".sha256", "is %s, but %s has %s now", m.SHA256, path, hash).
				Hint("if the module was updated, compare the new value with its vendor's; then: keyrite token module add %s --update", path)
		}
		m.SHA256 = hash
		if err := e.SetModule(name, m); err != nil {
			return nil, err
		}
		pinned = append(pinned, PinnedModule{Name: name, Path: path, SHA256: hash, Kind: kindOf(path)})
	}
	if pinned != nil {
		return pinned, nil
	}
	added, err := p.add(e, path, hash)
	return []PinnedModule{added}, err
}

// add adds the block of a module with what its kind needs.
func (p ModulePin) add(e *SiteEdit, path, hash string) (PinnedModule, error) {
	added := PinnedModule{Name: p.Name, Path: path, SHA256: hash, New: true, Kind: kindOf(path)}
	decl := workspace.ModuleDecl{Path: path, SHA256: hash}
	if k := added.Kind; k != nil {
		decl.Env, decl.State, decl.Reads, decl.Connects, decl.Network = k.Env, k.State, k.Reads, k.Connects, k.Network
	}
	if added.Name == "" {
		added.Name = nameFor(path, added.Kind)
	}
	if !disk.Names.MatchString(added.Name) {
		return added, fault.Errorf(fault.Usage, "module name is %q, %s", added.Name, disk.NamesRule).Hint("give it one with --name")
	}
	other, taken := e.Modules()[added.Name]
	if taken && other.SHA256 == "" { // as in a new workspace: nobody has relied on it
		other.Path, other.SHA256, added.New = path, hash, false
		return added, e.SetModule(added.Name, other)
	}
	if taken {
		return added, e.site.Errorf(fault.Usage, "modules."+added.Name, "is there already, with the path %s", other.Path).Hint("give the new module another name with --name")
	}
	return added, e.SetModule(added.Name, decl)
}

func kindOf(path string) *hsm.Block {
	if b, known := hsm.BlockOf(path); known {
		return &b
	}
	return nil
}

var noName = regexp.MustCompile(`[^a-z0-9]+`)

// nameFor is what a module is called: as its kind, else as its file.
func nameFor(path string, kind *hsm.Block) string {
	if kind != nil {
		return kind.Name
	}
	file, _, _ := strings.Cut(strings.ToLower(filepath.Base(path)), ".so")
	return strings.Trim(noName.ReplaceAllString(strings.TrimPrefix(file, "lib"), "-"), "-")
}
