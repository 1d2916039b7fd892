package workspace

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// Site is site.yaml: this room, by its name. It says which modules and tokens are here and
// which token holds which key, so that trust.yaml need not. It says where PINs
// come from, never what they are.
type Site struct {
	strict.Source `yaml:"-"`

	Version int                   `yaml:"version"` // of the file format: 1
	Name    string                `yaml:"site"`    // of this room; each site of a ceremony has its own
	Modules map[string]ModuleDecl `yaml:"modules"`
	Tokens  map[string]TokenDecl  `yaml:"tokens,omitempty"`
	Keys    map[string]string     `yaml:"keys,omitempty"` // token by name of a key

	// Elsewhere are the keys that other sites hold: the site's name by that of a key.
	Elsewhere map[string]string `yaml:"elsewhere,omitempty"`

	Waivers []Waiver `yaml:"waivers,omitempty"` // of checks of this machine, by preflight

	dir     string // absolute path of the workspace
	sum     digest.SHA256
	parsed  map[string]SiteToken
	modules map[string]hsm.Module
}

// ModuleDecl is a PKCS#11 module.
type ModuleDecl struct {
	Path     string            `yaml:"path"`                    // absolute path of the shared object
	SHA256   string            `yaml:"sha256,omitempty"`        // of that file; a module with tokens must have it
	Env      map[string]string `yaml:"env,omitempty,flow"`      // environment of the module
	Init     string            `yaml:"init,omitempty"`          // what the module is given when it starts, as NSS wants it
	State    []string          `yaml:"state,flow,omitempty"`    // what it may write to
	Reads    []string          `yaml:"reads,flow,omitempty"`    // what it may read beyond the system's libraries
	Connects []string          `yaml:"connects,flow,omitempty"` // Unix sockets of its services
	Network  []string          `yaml:"network,flow,omitempty"`  // host:port of a network HSM
	Timeout  string            `yaml:"timeout,omitempty"`       // of one call, such as 30s
}

// TokenDecl is a token and how its PIN is had.
type TokenDecl struct {
	Module     string   `yaml:"module"`
	URI        string   `yaml:"uri"`                       // RFC 7512: serial, token, model, manufacturer
	PIN        string   `yaml:"pin"`                       // ask, file:/PATH, env:NAME or fd:N
	Unattended []string `yaml:"unattended,flow,omitempty"` // roles that may be signed without a person, with --yes
}

// SiteToken is a token, ready to be opened.
type SiteToken struct {
	Name       string
	Module     hsm.Module
	URI        hsm.URI
	PIN        hsm.PINSource
	Unattended []string
}

// ParseSite reads and checks site.yaml. dir is the absolute path of the
// workspace, to which relative paths in a module's environment are joined.
func ParseSite(file string, data []byte, dir string) (*Site, error) {
	s := &Site{dir: dir, sum: digest.Of(data), parsed: make(map[string]SiteToken), modules: make(map[string]hsm.Module)}
	if err := strict.Decode(file, data, s); err != nil {
		return nil, err
	}
	c := siteCheck{site: s}
	c.all()
	if err := strict.Join(c.problems); err != nil {
		return nil, err
	}
	return s, nil
}

// SHA256 is the hash of the file: what people compare with their paper before
// anything of this room is used.
func (s *Site) SHA256() digest.SHA256 { return s.sum }

// Holds says whether a token of some site has a key: of this one, or of another.
func (s *Site) Holds(key string) bool {
	return s.Keys[key] != "" || s.Elsewhere[key] != ""
}

// ModuleNames lists the modules in the order of the file.
func (s *Site) ModuleNames() []string { return slices.Clone(s.NamesIn("modules")) }

// Networked says whether a module reaches its HSM over a network.
func (s *Site) Networked() bool {
	for _, m := range s.Modules {
		if len(m.Network) > 0 {
			return true
		}
	}
	return false
}

// TokenNames lists the tokens in the order of the file.
func (s *Site) TokenNames() []string { return slices.Clone(s.NamesIn("tokens")) }

// Module returns the module of that name.
func (s *Site) Module(name string) (hsm.Module, error) {
	if m, ok := s.modules[name]; ok {
		return m, nil
	}
	return hsm.Module{}, fault.Errorf(fault.Usage, "%s: module is %q, want one of %s", s.FileName(), name, strings.Join(s.ModuleNames(), ", ")).Suggest(name, s.ModuleNames())
}

// Token returns the token of that name.
func (s *Site) Token(name string) (SiteToken, error) {
	if t, ok := s.parsed[name]; ok {
		return t, nil
	}
	return SiteToken{}, fault.Errorf(fault.Usage, "%s: token is %q, want one of %s", s.FileName(), name, strings.Join(s.TokenNames(), ", ")).Suggest(name, s.TokenNames())
}

// TokenOf returns the token that holds a key.
func (s *Site) TokenOf(key string) (SiteToken, error) {
	token, ok := s.Keys[key]
	if !ok {
		return SiteToken{}, fault.Errorf(fault.Usage, "%s: keys.%s is missing; no token here holds that key", s.FileName(), key).
			Hint("add `%s: TOKEN` below keys in %s, or run the ceremony where the token is", key, s.FileName())
	}
	return s.Token(token)
}

// ErrUnpinned is the error of a module that is about to see a PIN, and may be any code:
// site.yaml has no hash of it.
func (s *Site) ErrUnpinned(name string) *fault.Error {
	var paths []string
	for _, name := range s.ModuleNames() {
		if m := s.Modules[name]; m.SHA256 == "" {
			paths = append(paths, m.Path)
		}
	}
	return s.Errorf(fault.Usage, "modules."+name+".sha256", "is missing, want the SHA-256 of %s, since it sees PINs", s.Modules[name].Path).
		Hint("keyrite token module add %s", strings.Join(slices.Compact(paths), " "))
}

// siteCheck finds what is wrong with a site.yaml beyond its shape.
type siteCheck struct {
	site     *Site
	problems []*fault.Error
}

func (c *siteCheck) fail(field, format string, args ...any) *fault.Error {
	problem := c.site.Errorf(fault.Usage, field, format, args...)
	c.problems = append(c.problems, problem)
	return problem
}

func (c *siteCheck) all() {
	s := c.site
	if s.Version != 1 {
		c.fail("version", "is %d, want 1", s.Version)
	}
	c.name("site", s.Name)
	for _, name := range s.NamesIn("modules") {
		c.name("modules."+name, name)
		s.modules[name] = c.module(name, s.Modules[name])
	}
	uris := make(map[hsm.URI]string)
	for _, name := range s.NamesIn("tokens") {
		c.name("tokens."+name, name)
		token := c.token(name, s.Tokens[name])
		s.parsed[name] = token
		if other, taken := uris[token.URI]; taken {
			c.fail("tokens."+name+".uri", "names the same token as %s", other)
		}
		uris[token.URI] = name
	}
	c.pinned()
	for _, key := range s.NamesIn("keys") {
		c.name("keys."+key, key)
		if _, ok := s.Tokens[s.Keys[key]]; !ok {
			c.fail("keys."+key, "is %q, which is not declared in tokens", s.Keys[key]).Suggest(s.Keys[key], s.TokenNames())
		}
	}
	c.elsewhere()
	c.waivers()
}

// elsewhere wants other sites, and keys that are not here as well.
func (c *siteCheck) elsewhere() {
	for _, key := range c.site.NamesIn("elsewhere") {
		at := c.site.Elsewhere[key]
		c.name("elsewhere."+key, key)
		c.name("elsewhere."+key, at)
		if _, here := c.site.Keys[key]; here || at == c.site.Name {
			c.fail("elsewhere."+key, "is at this site too, want the name of another site, or no entry below keys")
		}
	}
}

// waiver wants what somebody can be asked about later; preflight knows the checks.
func (c *siteCheck) waivers() {
	for i, w := range c.site.Waivers {
		w.check(fmt.Sprintf("waivers[%d]", i), func(field, format string, args ...any) { c.fail(field, format, args...) })
	}
}

// pinned demands the hash of each module that has a token.
func (c *siteCheck) pinned() {
	for _, name := range c.site.NamesIn("modules") {
		used := func(t TokenDecl) bool { return t.Module == name }
		if c.site.Modules[name].SHA256 == "" && slices.ContainsFunc(slices.Collect(maps.Values(c.site.Tokens)), used) {
			c.problems = append(c.problems, c.site.ErrUnpinned(name))
		}
	}
}

func (c *siteCheck) name(field, name string) {
	if !disk.Names.MatchString(name) {
		c.fail(field, "is not a name; %s", disk.NamesRule)
	}
}

var (
	sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)
	modulePath = regexp.MustCompile(`^/[A-Za-z0-9._/+@=,-]+$`) // it stands in commands that people copy
)

const maxTimeout = 10 * time.Minute

func (c *siteCheck) module(name string, decl ModuleDecl) hsm.Module {
	field := "modules." + name
	if !modulePath.MatchString(decl.Path) || filepath.Clean(decl.Path) != decl.Path {
		c.fail(field+".path", "is %q, want the absolute path of a PKCS#11 module, in letters, digits and ._/+@=,-", decl.Path)
	}
	if decl.SHA256 != "" && !sha256Text.MatchString(decl.SHA256) {
		c.fail(field+".sha256", "is %q, want 64 lower-case hexadecimal digits", decl.SHA256)
	}
	m := hsm.Module{Name: name, Path: decl.Path, SHA256: decl.SHA256, Init: decl.Init, Env: make(map[string]string),
		State: c.paths(decl.State), Reads: c.paths(decl.Reads), Connects: c.paths(decl.Connects), Network: decl.Network}
	for _, key := range slices.Sorted(maps.Keys(decl.Env)) {
		m.Env[key] = c.envValue(decl.Env[key])
	}
	if err := m.CheckNeeds(); err != nil {
		c.fail(field, "cannot be used: %w", err)
	}
	if decl.Timeout != "" {
		timeout, err := time.ParseDuration(decl.Timeout)
		if err != nil || timeout < time.Second || timeout > maxTimeout {
			c.fail(field+".timeout", "is %q, want 1s to 10m", decl.Timeout)
		}
		m.Timeout = timeout
	}
	return m
}

// envValue joins a relative path to the workspace. A value is taken for one if
// it has a slash and could not be an option or a URL.
func (c *siteCheck) envValue(value string) string {
	if strings.Contains(value, "/") && !strings.ContainsAny(value, ":=,; ") && filepath.IsLocal(value) {
		return filepath.Join(c.site.dir, value)
	}
	return value
}

// paths joins relative paths to the workspace.
func (c *siteCheck) paths(declared []string) (paths []string) {
	for _, path := range declared {
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.site.dir, path)
		}
		paths = append(paths, path)
	}
	return paths
}

func (c *siteCheck) token(name string, decl TokenDecl) SiteToken {
	field := "tokens." + name
	module, ok := c.site.modules[decl.Module]
	if !ok {
		c.fail(field+".module", "is %q, which is not declared in modules", decl.Module).Suggest(decl.Module, c.site.ModuleNames())
	}
	uri, err := hsm.ParseURI(decl.URI)
	if err != nil {
		c.fail(field+".uri", "cannot be used: %w", err)
	} else if uri.Serial == "" && uri.Token == "" {
		c.fail(field+".uri", "is %q, want at least serial or token in it", decl.URI)
	}
	pin, err := hsm.ParsePINSource(decl.PIN)
	if err != nil {
		c.fail(field+".pin", "cannot be used: %w", err)
	} else if pin.Asks() && len(decl.Unattended) > 0 {
		c.fail(field+".unattended", "is irrelevant, a PIN that is asked for needs a person")
	}
	for i, role := range decl.Unattended {
		if slices.Contains(decl.Unattended[:i], role) {
			c.fail(field+".unattended", "lists %q twice", role)
		}
		if !slices.Contains(TopLevel, role) && roles.CheckDelegatedName(role) != nil {
			c.fail(field+".unattended", "lists %q, want names of roles", role)
		}
	}
	return SiteToken{Name: name, Module: module, URI: uri, PIN: pin, Unattended: decl.Unattended}
}

// NameOf is what site.yaml calls a token, "" when it does not name it.
func (s *Site) NameOf(info hsm.TokenInfo) string {
	for _, name := range s.TokenNames() {
		if t := s.parsed[name]; t.Module.Name == info.Module && t.URI.Matches(info) {
			return name
		}
	}
	return ""
}
