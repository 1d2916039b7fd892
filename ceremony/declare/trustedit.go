package declare

import (
	"errors"
	"maps"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"gopkg.in/yaml.v3"
)

// ReplaceKeys is trust.yaml with other keys of a repository, each in the place of an old
// one, by their names: in its roles and delegations, with its type and custodian.
// Nobody has compared a new one yet, so a fingerprint goes. What people wrote else stays
// as it is. An old key that is no longer declared, where the new one is, was replaced
// before.
func ReplaceKeys(data []byte, repository string, replace map[string]string) ([]byte, error) {
	trust, err := workspace.ParseTrust(workspace.TrustFile, data)
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(repository)
	if err != nil {
		return nil, err
	}
	replace, err = stillDeclared(repo, replace)
	if err != nil || len(replace) == 0 {
		return data, err
	}
	text, err := strict.Respell(workspace.TrustFile, data, func(root *yaml.Node) []strict.Respelling { return respellings(root, repository, replace) })
	if err != nil {
		return nil, err
	}
	return text, saysInstead(trust, repo, text, replace)
}

// stillDeclared are the replacements that are yet to be made.
func stillDeclared(repo *workspace.Repository, replace map[string]string) (map[string]string, error) {
	left := maps.Clone(replace)
	for _, old := range slices.Sorted(maps.Keys(replace)) {
		_, is := repo.Keys[old]
		_, will := repo.Keys[replace[old]]
		switch {
		case !disk.Names.MatchString(replace[old]):
			return nil, fault.Errorf(fault.Usage, "%s is not a name for a key; %s", replace[old], disk.NamesRule)
		case !is && will:
			delete(left, old)
		case !is:
			return nil, fault.Errorf(fault.Usage, "%s: there is no %s, nor %s in its place", workspace.TrustFile, repo.Path("keys", old), replace[old]).Suggest(old, repo.KeyNames)
		case will:
			return nil, fault.Errorf(fault.Usage, "%s: %s and %s are both declared, want one in the place of the other", workspace.TrustFile, repo.Path("keys", old), replace[old])
		}
	}
	return left, nil
}

// respellings are the places of trust.yaml that name keys which are replaced.
func respellings(root *yaml.Node, repository string, replace map[string]string) (list []strict.Respelling) {
	repo := member(member(root, "repositories"), repository)
	keys := member(repo, "keys")
	for i := 0; keys != nil && i+1 < len(keys.Content); i += 2 {
		name, decl := keys.Content[i], keys.Content[i+1]
		instead, goes := replace[name.Value]
		if !goes {
			continue
		}
		list = append(list, strict.Respelling{Node: name, Text: instead})
		for _, field := range []string{"public", "external"} {
			if file := member(decl, field); file != nil {
				list = append(list, strict.Respelling{Node: file, Text: workspace.KeyPath(instead)})
			}
		}
		if print := member(decl, "fingerprint"); print != nil {
			list = append(list, strict.Respelling{Node: print, Drop: true, In: decl})
		}
	}
	for _, names := range listsOfKeys(repo) {
		for _, name := range names.Content {
			if instead, goes := replace[name.Value]; goes {
				list = append(list, strict.Respelling{Node: name, Text: instead})
			}
		}
	}
	return list
}

// listsOfKeys are the keys of every role and delegation.
func listsOfKeys(repo *yaml.Node) (lists []*yaml.Node) {
	var declared []*yaml.Node
	if roles := member(repo, "roles"); roles != nil {
		declared = append(declared, roles.Content...)
	}
	if delegations := member(repo, "delegations"); delegations != nil {
		declared = append(declared, delegations.Content...)
	}
	for _, decl := range declared {
		if names := member(decl, "keys"); names != nil {
			lists = append(lists, names)
		}
	}
	return lists
}

// member is a member of a mapping, nil for none.
func member(mapping *yaml.Node, name string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// saysInstead reads the new text as everybody will: it must say what it said before, but
// for those keys.
func saysInstead(trust *workspace.Trust, repo *workspace.Repository, text []byte, replace map[string]string) error {
	made, err := workspace.ParseTrust(workspace.TrustFile, text)
	if err != nil {
		return err
	}
	rename(repo, replace)
	want, errWant := strict.Encode(trust)
	got, errGot := strict.Encode(made)
	if err := errors.Join(errWant, errGot); err != nil {
		return err
	}
	if string(got) != string(want) {
		return fault.Errorf(fault.Usage, "%s is spelled so that no command can change it; edit it by hand", workspace.TrustFile)
	}
	return nil
}

// rename calls keys otherwise in the whole declaration.
func rename(r *workspace.Repository, replace map[string]string) {
	for old, instead := range replace {
		decl := r.Keys[old]
		for _, file := range []*string{&decl.Public, &decl.External} {
			if *file != "" {
				*file = path.Clean(workspace.KeyPath(instead))
			}
		}
		decl.Fingerprint = digest.SHA256{}
		delete(r.Keys, old)
		r.Keys[instead] = decl
	}
	in := func(names []string) {
		for i, name := range names {
			if instead, goes := replace[name]; goes {
				names[i] = instead
			}
		}
	}
	for _, role := range r.Roles {
		in(role.Keys)
	}
	for _, d := range r.Delegations {
		in(d.Keys)
	}
}

// EditTrust changes trust.yaml in its place, when nobody else has changed it meanwhile.
func EditTrust(ws *workspace.Workspace, change func(text []byte) ([]byte, error)) error {
	before, err := ws.ReadYAML(workspace.TrustFile, strict.MaxBytes)
	if err != nil {
		return err
	}
	after, err := change(before)
	if err != nil || string(after) == string(before) {
		return err
	}
	return ws.Folder.Rewrite(workspace.TrustFile, before, after)
}
