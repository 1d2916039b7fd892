package declare

import (
	"errors"
	"maps"
	"regexp"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"gopkg.in/yaml.v3"
)

// SiteEdit is site.yaml while a command changes it.
type SiteEdit struct {
	text []byte
	site *workspace.Site // what the text says, decoded and not checked
}

// EditSite changes site.yaml in its place: what people wrote stays as it is, comments,
// order and spelling. It is written when change has returned nil, and the new text is
// a good site.yaml that says what it said before and what was set, nothing else;
// otherwise it stays as it was. What change adds may be what makes the file good.
func EditSite(ws *workspace.Workspace, change func(*SiteEdit) error) (site *workspace.Site, err error) {
	lock, err := ws.Folder.Lock(".lock-site")
	if errors.Is(err, disk.ErrLocked) {
		return nil, fault.Errorf(fault.Failed, "%s: another keyrite changes it", workspace.SiteFile).Called(fault.WordLocked).Hint("wait until it has ended")
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	before, err := ws.ReadYAML(workspace.SiteFile, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	e := &SiteEdit{text: before, site: new(workspace.Site)}
	if err := strict.Decode(workspace.SiteFile, before, e.site); err != nil {
		return nil, err
	}
	if err := change(e); err != nil {
		return nil, err
	}
	if site, err = e.result(ws.Dir); err != nil || string(e.text) == string(before) {
		return site, err
	}
	return site, ws.Folder.Rewrite(workspace.SiteFile, before, e.text)
}

// result reads the new text as everybody will, and compares.
func (e *SiteEdit) result(dir string) (*workspace.Site, error) {
	site, err := workspace.ParseSite(workspace.SiteFile, e.text, dir)
	if err != nil {
		return nil, err
	}
	got, err := strict.Encode(site)
	if err != nil {
		return nil, err
	}
	want, err := strict.Encode(e.site)
	if err != nil {
		return nil, err
	}
	if string(got) != string(want) {
		return nil, fault.Errorf(fault.Usage, "%s is spelled so that no command can change it; edit it by hand", workspace.SiteFile)
	}
	return site, nil
}

// Modules are those of the file as it is now, set ones included; it need not be good.
func (e *SiteEdit) Modules() map[string]workspace.ModuleDecl { return maps.Clone(e.site.Modules) }

// Tokens are those of the file as it is now.
func (e *SiteEdit) Tokens() map[string]workspace.TokenDecl { return maps.Clone(e.site.Tokens) }

// Keys are the tokens of keys in the file as it is now.
func (e *SiteEdit) Keys() map[string]string { return maps.Clone(e.site.Keys) }

// SetModule adds a module, or changes the fields in which the file differs.
func (e *SiteEdit) SetModule(name string, decl workspace.ModuleDecl) error {
	return set(e, "modules", &e.site.Modules, name, decl, 0)
}

// SetToken adds a token, on one line, or changes the fields in which the file differs.
func (e *SiteEdit) SetToken(name string, decl workspace.TokenDecl) error {
	return set(e, "tokens", &e.site.Tokens, name, decl, yaml.FlowStyle)
}

// SetKey says which token holds a key.
func (e *SiteEdit) SetKey(key, token string) error {
	return set(e, "keys", &e.site.Keys, key, token, 0)
}

// set sets one member of a section: as a whole where it is new, else field by field.
func set[T any](e *SiteEdit, section string, members *map[string]T, name string, decl T, style yaml.Style) error {
	old, there := (*members)[name]
	if *members == nil {
		*members = make(map[string]T)
	}
	(*members)[name] = decl
	value, err := nodeOf(decl)
	if err != nil {
		return err
	}
	value.Style |= style
	if !there || value.Kind != yaml.MappingNode {
		return e.put(value, section, name)
	}
	was, err := nodeOf(old)
	if err != nil {
		return err
	}
	return e.putFields(was, value, section, name)
}

// putFields changes the fields of a mapping that are not what they were.
func (e *SiteEdit) putFields(old, value *yaml.Node, section, name string) error {
	was := make(map[string]string)
	for i := 0; i < len(old.Content); i += 2 {
		text, err := strict.Encode(old.Content[i+1])
		if err != nil {
			return err
		}
		was[old.Content[i].Value] = string(text)
	}
	for i := 0; i < len(value.Content); i += 2 {
		field := value.Content[i].Value
		text, err := strict.Encode(value.Content[i+1])
		if err != nil {
			return err
		}
		if was[field] == string(text) {
			continue
		}
		if err := e.put(value.Content[i+1], section, name, field); err != nil {
			return err
		}
	}
	return nil
}

func (e *SiteEdit) put(value *yaml.Node, path ...string) (err error) {
	e.text, err = strict.Set(workspace.SiteFile, e.text, path, value)
	return err
}

var plainText = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// nodeOf is a value as YAML: what could be taken for something else stands in quotes.
func nodeOf(value any) (*yaml.Node, error) {
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return nil, err
	}
	quote(&n)
	return &n, nil
}

func quote(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && !plainText.MatchString(n.Value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		quote(child)
	}
}
