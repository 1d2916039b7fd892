package workspace

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// TopLevel are the top-level roles in the order in which people read them.
var TopLevel = []string{"root", "targets", "snapshot", "timestamp"}

// IsDelegated says whether a role is one that targets roles delegate to; "" is none.
func IsDelegated(role string) bool { return role != "" && !slices.Contains(TopLevel, role) }

// reservedFolders are folders of a workspace that no repository may be named after.
var reservedFolders = []string{"ceremonies", "custody", "emergency", "evidence", "hsm", "keys", "rehearsals"}

// isTitle says whether a text is one line for people: a fleet, a custodian, a reason.
func isTitle(text string) bool {
	return utf8.RuneCountInString(text) <= 200 && titles.MatchString(text)
}

var titles = regexp.MustCompile(`^[^\s](?:[^\n]*[^\s])?$`)

const titlesRule = "want one line of at most 200 characters"

var checkIDs = regexp.MustCompile(`^[A-Z][A-Z0-9-]{0,63}$`)

var hashPrefixes = regexp.MustCompile(`^[0-9a-f]{1,64}$`)

// maxPeople bounds how many people one part in a ceremony can need.
const maxPeople = 99

// trustCheck finds what is wrong with a trust.yaml beyond its shape.
type trustCheck struct {
	trust    *Trust
	problems []*fault.Error
}

func (c *trustCheck) fail(code fault.Code, field, format string, args ...any) *fault.Error {
	problem := c.trust.Errorf(code, field, format, args...)
	c.problems = append(c.problems, problem)
	return problem
}

func (c *trustCheck) all() {
	t := c.trust
	if t.Version != 1 {
		c.fail(fault.Usage, "version", "is %d, want 1", t.Version)
	}
	c.title("fleet", t.Fleet)
	c.people(t.People)
	if len(t.Repositories) == 0 {
		c.fail(fault.Usage, "repositories", "is empty, want at least one")
	}
	owner := make(map[string]string)
	for _, name := range t.RepositoryNames() {
		r := t.Repositories[name]
		if !disk.Names.MatchString(name) || slices.Contains(reservedFolders, name) {
			c.fail(fault.Usage, r.Path(), "is not a name for a repository; %s, and not one of %s", disk.NamesRule, strings.Join(reservedFolders, ", "))
		}
		c.repository(r)
		for _, key := range r.KeyNames {
			if other, taken := owner[key]; taken {
				c.fail(fault.Refused, r.Path("keys", key), "is a key of %s too; repositories share no key (TUF 1.0.34 §3)", other)
			}
			owner[key] = name
		}
	}
}

func (c *trustCheck) people(p People) {
	c.count("people.administrator", p.Administrator)
	c.count("people.witnesses", p.Witnesses)
	c.count("people.external-witnesses", p.ExternalWitnesses)
	for _, name := range c.trust.NamesIn("people.witness-keys") {
		c.title("people.witness-keys", name)
	}
	for _, role := range c.trust.NamesIn("people.crypto-officers") {
		field := "people.crypto-officers." + role
		c.count(field, p.CryptoOfficers[role])
		if !slices.Contains(TopLevel, role) {
			c.fail(fault.Usage, field, "is not a role; want one of %s", strings.Join(TopLevel, ", ")).Suggest(role, TopLevel)
		}
	}
}

func (c *trustCheck) count(field string, n int) {
	if n < 0 || n > maxPeople {
		c.fail(fault.Usage, field, "is %d, want 0 to %d", n, maxPeople)
	}
}

func (c *trustCheck) title(field, text string) {
	if !isTitle(text) {
		c.fail(fault.Usage, field, "is %q, %s", text, titlesRule)
	}
}

func (c *trustCheck) repository(r *Repository) {
	if _, err := roles.FormatByName(r.Format); err != nil {
		c.fail(fault.Usage, r.Path("format"), "is %q, want tuf or ota-ce", r.Format).Suggest(r.Format, []string{"tuf", "ota-ce"})
	}
	if !disk.Names.MatchString(r.Policy) && !isYAMLPath(r.Policy) {
		c.fail(fault.Usage, r.Path("policy"), "is %q, want the name of a preset or a .yaml file of the workspace", r.Policy)
	}
	for _, name := range r.KeyNames {
		c.key(r, name)
	}
	c.roles(r)
	c.delegations(r)
	for i, w := range r.Waivers {
		field := fmt.Sprintf("%s[%d]", r.Path("waivers"), i)
		w.check(field, func(field, format string, args ...any) { c.fail(fault.Usage, field, format, args...) })
		if checkIDs.MatchString(w.Check) && !slices.Contains(policies.CheckIDs(), w.Check) {
			c.fail(fault.Usage, field+".check", "is %q, which is no check; want one of those that `keyrite policy show` lists", w.Check).Suggest(w.Check, policies.CheckIDs())
		}
	}
}

// check says what is wrong with a waiver: it needs somebody to ask, and a reason.
func (w Waiver) check(field string, fail func(field, format string, args ...any)) {
	if !checkIDs.MatchString(w.Check) {
		fail(field+".check", "is %q, want the id of a check such as ROOT-THRESHOLD", w.Check)
	}
	if !isTitle(w.Reason) {
		fail(field+".reason", "is %q, %s", w.Reason, titlesRule)
	}
	if !isTitle(w.Person) {
		fail(field+".person", "is %q, %s", w.Person, titlesRule)
	}
}

func (c *trustCheck) key(r *Repository, name string) {
	field, key := r.Path("keys", name), r.Keys[name]
	if !disk.Names.MatchString(name) {
		c.fail(fault.Usage, field, "is not a name for a key; %s", disk.NamesRule)
	}
	if len(r.RolesOf(name)) == 0 && key.External == "" {
		c.fail(fault.Usage, field, "is used by no role; remove it or add it to one")
	}
	if key.Public != "" || key.External != "" {
		c.imported(field, name, key)
		return
	}
	if !slices.Contains(hsm.SigningTypes(), key.Type) {
		c.fail(fault.Usage, field+".type", "is %q, want one of %s, or public for somebody else's key", key.Type, strings.Join(keyTypes(), ", ")).Suggest(string(key.Type), keyTypes())
	}
	if key.Backup && key.Type == hsm.Ed25519 {
		c.fail(fault.Usage, field+".backup", "is true for an ed25519 key, which no module wraps; want an ecdsa or rsa key, or independent keys on several tokens")
	}
	c.title(field+".custodian", key.Custodian)
	for _, part := range []policies.Part{policies.Administrator, policies.Witness, policies.ExternalWitness} {
		if strings.EqualFold(key.Custodian, string(part)) {
			c.fail(fault.Refused, field+".custodian", "is %q, who watches the custodians; want another person or post", key.Custodian)
		}
	}
}

// imported checks a key that no token here holds: its type is in its record. Only
// a key whose signature is brought in has somebody to ask for it.
func (c *trustCheck) imported(field, name string, key KeyDecl) {
	for kind, file := range map[string]string{"public": key.Public, "external": key.External} {
		if file != "" && file != KeyPath(name) {
			c.fail(fault.Usage, field+"."+kind, "is %q, want %s", file, KeyPath(name))
		}
	}
	if key.Public != "" && key.External != "" {
		c.fail(fault.Usage, field+".external", "stands beside public, want one of them: a key whose signature is brought in here, or one that signs elsewhere")
	}
	if key.Type != "" {
		c.fail(fault.Usage, field+".type", "is irrelevant for an imported key, its record has the type")
	}
	if key.Custodian != "" && key.External == "" {
		c.fail(fault.Usage, field+".custodian", "is irrelevant for an imported key")
	} else if key.Custodian != "" {
		c.title(field+".custodian", key.Custodian)
	}
	if key.Backup {
		c.fail(fault.Usage, field+".backup", "is irrelevant for an imported key")
	}
}

func (c *trustCheck) roles(r *Repository) {
	for _, name := range c.trust.NamesIn(r.Path("roles")) {
		if !slices.Contains(TopLevel, name) {
			c.fail(fault.Usage, r.Path("roles", name), "is not a top-level role; want exactly %s", strings.Join(TopLevel, ", ")).Suggest(name, TopLevel)
		}
	}
	for _, name := range TopLevel {
		field := r.Path("roles", name)
		role, ok := r.Roles[name]
		if !ok {
			c.fail(fault.Usage, field, "is missing")
			continue
		}
		c.quorum(r, field, role.Keys, role.Threshold)
		c.floor(field, name, role.Floor)
		c.renewal(field, role.Renew, role.Expires)
		if role.Images != "" && name != "targets" {
			c.fail(fault.Usage, field+".images", "is irrelevant, only targets roles list images")
		} else {
			c.images(field, role.Images)
		}
		if role.Online {
			c.online(r, name, role)
		}
	}
}

// online checks a role that a server signs: nobody here can have its keys.
func (c *trustCheck) online(r *Repository, name string, role RoleDecl) {
	field := r.Path("roles", name, "online")
	if name == "root" {
		c.fail(fault.Refused, field, "is true, but root is signed offline (TUF 1.0.34 §2.1.1)")
		return
	}
	for _, key := range role.Keys {
		if r.Keys[key].Public == "" {
			c.fail(fault.Usage, field, "is true, but %s is a key of a custodian; want `public:` for the keys of a server", key)
		}
	}
}

func (c *trustCheck) delegations(r *Repository) {
	seen := make(map[string]bool)
	for i, d := range r.Delegations {
		field := fmt.Sprintf("%s[%d]", r.Path("delegations"), i)
		if err := roles.CheckDelegatedName(d.Role); err != nil {
			c.fail(fault.Usage, field+".role", "is %q: %w", d.Role, err)
		}
		// Names are compared without case: some clients fold it, and merge the
		// keys of two delegations with one name.
		if folded := strings.ToLower(d.Role); seen[folded] {
			c.fail(fault.Refused, field+".role", "is %q, which an earlier delegation is called", d.Role)
		} else {
			seen[folded] = true
		}
		c.quorum(r, field, d.Keys, d.Threshold)
		c.floor(field, d.Role, d.Floor)
		c.renewal(field, d.Renew, d.Expires)
		c.images(field, d.Images)
		c.patterns(r, field, d)
	}
}

func (c *trustCheck) patterns(r *Repository, field string, d DelegationDecl) {
	f, err := roles.FormatByName(r.Format)
	if err != nil {
		return // which is said elsewhere
	}
	switch {
	case len(d.Paths) > 0 && len(d.HashPrefixes) > 0:
		c.fail(fault.Usage, field+".path-hash-prefixes", "stands beside paths, want one of them (TUF 1.0.34 §4.5)")
	case len(d.Paths)+len(d.HashPrefixes) == 0:
		c.fail(fault.Usage, field+".paths", "is empty, want at least one pattern")
	}
	for j, pattern := range d.Paths {
		at := fmt.Sprintf("%s.paths[%d]", field, j)
		if err := roles.CheckPathPattern(f, pattern); err != nil {
			c.fail(fault.Usage, at, "is %q: %w", pattern, err)
		}
		if slices.Contains(d.Paths[:j], pattern) {
			c.fail(fault.Usage, at, "is %q, which is listed already", pattern)
		}
	}
	for j, prefix := range d.HashPrefixes {
		if !hashPrefixes.MatchString(prefix) {
			c.fail(fault.Usage, fmt.Sprintf("%s.path-hash-prefixes[%d]", field, j), "is %q, want 1 to 64 lower-case hexadecimal digits", prefix)
		}
	}
}

// floor checks the lowest version of a role.
func (c *trustCheck) floor(field, role string, floor int64) {
	switch {
	case role == "root" && floor != 0:
		c.fail(fault.Usage, field+".floor", "is irrelevant, a root has exactly the version after the one before it")
	case floor < 0 || floor > roles.MaxVersion:
		c.fail(fault.Usage, field+".floor", "is %d, want 1 to %d", floor, int64(roles.MaxVersion))
	}
}

// quorum checks a role's keys and threshold. A threshold counts different keys
// (Uptane Standard 2.1.0 §5.4.4.3), and none may be out of reach.
func (c *trustCheck) quorum(r *Repository, field string, keys []string, threshold int) {
	for i, key := range keys {
		at := fmt.Sprintf("%s.keys[%d]", field, i)
		if _, ok := r.Keys[key]; !ok {
			c.fail(fault.Usage, at, "is %q, which is not declared in %s", key, r.Path("keys")).Suggest(key, r.KeyNames)
		}
		if slices.Contains(keys[:i], key) {
			c.fail(fault.Usage, at, "is %q, which is listed already", key)
		}
	}
	switch {
	case len(keys) == 0:
		c.fail(fault.Usage, field+".keys", "is empty, want at least one")
	case threshold < 1:
		c.fail(fault.Refused, field+".threshold", "is %d, want at least 1", threshold)
	case threshold > len(keys):
		c.fail(fault.Refused, field+".threshold", "is %d, want at most %d (the number of keys)", threshold, len(keys))
	}
}

func (c *trustCheck) images(field, file string) {
	if file != "" && !isYAMLPath(file) {
		c.fail(fault.Usage, field+".images", "is %q, want a .yaml file of the workspace", file)
	}
}

// isYAMLPath reports whether a path is in its one spelling, stays in the
// workspace and names a YAML file.
func isYAMLPath(file string) bool {
	return path.Ext(file) == ".yaml" && roles.CheckImagePath(file) == nil
}

func keyTypes() (list []string) {
	for _, t := range hsm.KeyTypes() {
		list = append(list, string(t))
	}
	return list
}
