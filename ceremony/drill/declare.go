package drill

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
	"gopkg.in/yaml.v3"
)

// newKey is the key that takes the place of one of root's.
func newKey(repository string) string { return "drill-" + repository }

// anotherRoot has the copy want another root: with a new key in the place of the first one
// that a ceremony can make, and with a room whose tokens nobody has to guard. It names
// the key that goes; empty where no key of root is made in ceremonies.
func anotherRoot(ws *workspace.Workspace, repository, module string, at time.Time) (out string, err error) {
	trust, err := ws.Trust()
	if err != nil {
		return "", err
	}
	now, err := scene.Read(ws, repository, at)
	if err != nil {
		return "", err
	}
	repo := trust.Repositories[repository]
	made := func(key string) bool { return repo.Keys[key].Type != "" }
	keys := now.PreviousKeys()
	for _, key := range repo.KeyNames {
		if made(key) {
			keys = append(keys, key)
		}
	}
	if i := slices.IndexFunc(repo.Roles["root"].Keys, made); i >= 0 {
		out = repo.Roles["root"].Keys[i]
		keys = append(keys, newKey(repository))
		if err := declare.EditTrust(ws, func(text []byte) ([]byte, error) {
			return declare.ReplaceKeys(text, repository, map[string]string{out: newKey(repository)})
		}); err != nil {
			return "", err
		}
	}
	return out, furnish(ws, keys, repo.Order(), module)
}

// furnish makes the room of a drill: a token for each key, of which only the names are
// used. The world of the rehearsal makes throwaway ones in their place.
func furnish(ws *workspace.Workspace, keys, unattended []string, module string) (err error) {
	if module == "" {
		if module, err = hsm.SoftHSM(); err != nil {
			return err
		}
	}
	sum, err := hsm.HashModule(module)
	if err != nil {
		return err
	}
	site := &workspace.Site{
		Version: 1, Name: "drill", Tokens: map[string]workspace.TokenDecl{}, Keys: map[string]string{},
		Modules: map[string]workspace.ModuleDecl{"softhsm": {Path: module, SHA256: sum}},
	}
	for _, key := range keys {
		site.Keys[key] = key
		site.Tokens[key] = workspace.TokenDecl{Module: "softhsm", URI: "pkcs11:token=" + key, PIN: "file:/none", Unattended: unattended}
	}
	data, err := strict.Encode(site)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(ws.Dir, workspace.SiteFile), data, 0o600)
}

// rewrite changes a YAML file of the copy. Comments stay.
func rewrite(ws *workspace.Workspace, file string, change func(top *yaml.Node) error) error {
	data, err := ws.Read(file, strict.MaxBytes)
	if err != nil {
		return err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil || len(document.Content) == 0 {
		return fault.Errorf(fault.Usage, "%s: cannot be read: %w", file, err)
	}
	if err := change(document.Content[0]); err != nil {
		return err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&document); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(ws.Dir, file), b.Bytes(), 0o600)
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

// waive sets those checks aside in the copy that refused the plan, such as that root is
// signed without people, or that a file has expired since the backup was made. What is no
// refusal of a policy, or cannot be waived, stays an error.
func waive(ws *workspace.Workspace, repository string, refusal error) error {
	report := fault.ReportOf(refusal)
	var checks []string
	for _, place := range report.Where {
		if place.Check != "" && !slices.Contains(checks, place.Check) {
			checks = append(checks, place.Check)
		}
	}
	if checks == nil {
		return refusal
	}
	return rewrite(ws, workspace.TrustFile, func(top *yaml.Node) error {
		repo := member(member(top, "repositories"), repository)
		waivers := member(repo, "waivers")
		if waivers == nil {
			waivers = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
			repo.Content = append(repo.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "waivers"}, waivers)
		}
		for _, check := range checks {
			var w yaml.Node
			if err := w.Encode(policies.Waiver{Check: check, Reason: "drill with fake keys", Person: "keyrite drill"}); err != nil {
				return fmt.Errorf("waiver of %s: %w", check, err)
			}
			waivers.Content = append(waivers.Content, &w)
		}
		return nil
	})
}
