package workspace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Trust is trust.yaml: who should be trusted for what. It names no machine, no
// path of a device and no PIN, so that rehearsal and production share it.
// Everything else (which keys to generate, what to sign) is derived from it.
type Trust struct {
	strict.Source `yaml:"-"`

	Version      int                    `yaml:"version"` // of the file format: 1
	Fleet        string                 `yaml:"fleet"`
	People       People                 `yaml:"people,omitempty"`
	Repositories map[string]*Repository `yaml:"repositories"`
}

// People are the parts in a ceremony and how many must be present for each.
type People struct {
	Administrator     int            `yaml:"administrator,omitempty"`
	CryptoOfficers    map[string]int `yaml:"crypto-officers,omitempty"` // by role that is signed
	Witnesses         int            `yaml:"witnesses,omitempty"`       // from inside
	ExternalWitnesses int            `yaml:"external-witnesses,omitempty"`
	// WitnessKeys are those with which witnesses sign the heads of transcripts, by
	// name. No key of a repository is one of them.
	WitnessKeys map[string]witness.Key `yaml:"witness-keys,omitempty"`
}

// Repository is the declared trust of one Uptane repository: the Image
// repository, the Director, or another one (Uptane Standard 2.1.0 §5.1).
type Repository struct {
	Name     string   `yaml:"-"`
	KeyNames []string `yaml:"-"` // names of Keys in the order of the file

	// ID tells the repository from any other for ever, on tokens that remember what
	// they signed. Without one, it follows from the names of fleet and repository.
	ID          digest.SHA256       `yaml:"id,omitempty"`
	Format      string              `yaml:"format"` // "tuf" or "ota-ce"
	Policy      string              `yaml:"policy"` // name of a preset, or path of a policy file
	Keys        map[string]KeyDecl  `yaml:"keys"`
	Roles       map[string]RoleDecl `yaml:"roles"` // exactly root, targets, snapshot, timestamp
	Delegations []DelegationDecl    `yaml:"delegations,omitempty"`
	Waivers     []Waiver            `yaml:"waivers,omitempty"`

	trust *Trust
}

// KeyDecl declares a key: one that a ceremony generates on a token, with Type and
// Custodian; somebody else's, with Public; or one that lives in a file, a KMS or on
// a server, with External, until a key on a token has taken its place.
type KeyDecl struct {
	Type      hsm.KeyType `yaml:"type,omitempty"`
	Custodian string      `yaml:"custodian,omitempty"` // the person or post that holds the token
	Public    string      `yaml:"public,omitempty"`    // path of the imported key record, keys/NAME.yaml
	External  string      `yaml:"external,omitempty"`  // the same, of a key whose signatures are brought in by hand
	// Fingerprint is the SHA-256 of the public key's SPKI DER: somebody has
	// compared it with whoever holds the key, and vouches for it here.
	Fingerprint digest.SHA256 `yaml:"fingerprint,omitempty"`
	// Backup makes a key that can leave its token, wrapped under a key that the
	// security officers trust, and no other way. Policies know it as extractable.
	Backup bool `yaml:"backup,omitempty"`
}

// RoleDecl declares a top-level role. Floor is the lowest version that may be signed
// next, 1 to 2^31-1: vehicles have seen the one before it, though no file here says
// so. Root has none, its versions follow one another. Renew is how long before its expiry
// a file is due for renewal; see [Repository.Lead] where it is not declared.
type RoleDecl struct {
	Keys      []string          `yaml:"keys,flow"` // names
	Threshold int               `yaml:"threshold"` // 1 to len(Keys)
	Expires   policies.Lifetime `yaml:"expires"`   // lifetime of each new version
	Renew     policies.Lifetime `yaml:"renew,omitempty"`
	Floor     int64             `yaml:"floor,omitempty"`
	Images    string            `yaml:"images,omitempty"`
	// Online says that a server signs the role: all its keys are Public. It follows
	// from the keys too, where no site holds one of them.
	Online bool `yaml:"online,omitempty"`
}

// DelegationDecl declares a delegated targets role. The order of delegations is
// their priority (Uptane Standard 2.1.0 §5.1.2.1).
type DelegationDecl struct {
	Role      string   `yaml:"role"`
	Keys      []string `yaml:"keys,flow"` // names
	Threshold int      `yaml:"threshold"` // 1 to len(Keys)
	Paths     []string `yaml:"paths,omitempty,flow"`
	// HashPrefixes take the place of Paths where hash bins are kept that somebody
	// else began (TUF 1.0.34 §4.5); clients disagree about them.
	HashPrefixes []string          `yaml:"path-hash-prefixes,omitempty,flow"`
	Terminating  bool              `yaml:"terminating,omitempty"`
	Expires      policies.Lifetime `yaml:"expires"`
	Renew        policies.Lifetime `yaml:"renew,omitempty"`
	Floor        int64             `yaml:"floor,omitempty"`
	Images       string            `yaml:"images,omitempty"`
}

// Waiver sets one policy check aside, in a person's name and for a reason.
type Waiver struct {
	Check  string `yaml:"check"`
	Reason string `yaml:"reason"`
	Person string `yaml:"person"`
}

// String is the waiver in one line, as every step shows it.
func (w Waiver) String() string {
	return fmt.Sprintf("waived   %s by %s: %s", w.Check, w.Person, w.Reason)
}

// ParseTrust reads and checks trust.yaml. All problems are reported together,
// each with file, line and field; a threshold that cannot be met has code
// Refused, everything else Usage.
func ParseTrust(file string, data []byte) (*Trust, error) {
	t := new(Trust)
	if err := strict.Decode(file, data, t); err != nil {
		return nil, err
	}
	for name, r := range t.Repositories {
		r.Name, r.trust = name, t
		r.KeyNames = t.NamesIn(r.Path("keys"))
	}
	c := trustCheck{trust: t}
	c.all()
	if err := strict.Join(c.problems); err != nil {
		return nil, err
	}
	return t, nil
}

// Repository returns the repository of that name.
func (t *Trust) Repository(name string) (*Repository, error) {
	if r := t.Repositories[name]; r != nil {
		return r, nil
	}
	return nil, fault.Errorf(fault.Usage, "%s: repository is %q, want one of %s", t.FileName(), name, strings.Join(t.RepositoryNames(), ", ")).Suggest(name, t.RepositoryNames())
}

// RepositoryNames lists the repositories in the order of the file.
func (t *Trust) RepositoryNames() []string { return slices.Clone(t.NamesIn("repositories")) }

// RolesOf lists the roles that a key signs for: the top-level ones first, then
// delegations in their order.
func (r *Repository) RolesOf(key string) []string {
	var found []string
	for _, role := range TopLevel {
		if slices.Contains(r.Roles[role].Keys, key) {
			found = append(found, role)
		}
	}
	for _, d := range r.Delegations {
		if slices.Contains(d.Keys, key) {
			found = append(found, d.Role)
		}
	}
	return found
}

// CheckRecords compares the declared keys with the records that exist for them,
// by name. It refuses one public key under two names, which would be counted
// twice by a threshold (Uptane Standard 2.1.0 §5.4.4.3).
func (r *Repository) CheckRecords(records map[string]*KeyRecord) error {
	var problems []*fault.Error
	owner := make(map[roles.Fingerprint]string)
	for _, name := range r.KeyNames {
		record := records[name]
		if record == nil {
			continue
		}
		field := r.Path("keys", name)
		if declared := r.Keys[name].Type; declared != "" && record.Type != declared {
			problems = append(problems, r.trust.Errorf(fault.Refused, field+".type", "is %s, but %s has a key of type %s", declared, KeyPath(name), record.Type))
		}
		if want := r.Keys[name].Fingerprint; !want.IsZero() && want != digest.SHA256(record.Fingerprint()) {
			problems = append(problems, r.trust.Errorf(fault.Unverified, field+".fingerprint", "is %s, but the key in %s has %x", want, KeyPath(name), record.Fingerprint()))
		}
		if other, taken := owner[record.Fingerprint()]; taken {
			problems = append(problems, r.trust.Errorf(fault.Refused, field, "has the same public key as %s, want different keys", other))
		}
		owner[record.Fingerprint()] = name
	}
	return strict.Join(problems)
}

// Path spells the path of a field in this repository.
func (r *Repository) Path(fields ...string) string {
	return strings.Join(append([]string{"repositories", r.Name}, fields...), ".")
}

// LedgerID is what tokens call the repository that they signed for.
func (r *Repository) LedgerID() digest.SHA256 {
	if !r.ID.IsZero() {
		return r.ID
	}
	return digest.Of([]byte("keyrite repository\n" + r.trust.Fleet + "\n" + r.Name))
}

// Trust is the file that declares the repository.
func (r *Repository) Trust() *Trust { return r.trust }

// Signers names the keys of a top-level or delegated role, and its threshold.
func (r *Repository) Signers(role string) (keys []string, threshold int) {
	if decl, ok := r.Roles[role]; ok {
		return decl.Keys, decl.Threshold
	}
	for _, d := range r.Delegations {
		if d.Role == role {
			return d.Keys, d.Threshold
		}
	}
	return nil, 0
}

// Floor is the lowest version of a role that may be signed next, 0 for any.
func (r *Repository) Floor(role string) int64 {
	if decl, ok := r.Roles[role]; ok {
		return decl.Floor
	}
	for _, d := range r.Delegations {
		if d.Role == role {
			return d.Floor
		}
	}
	return 0
}

// Custodian is who holds the token of a key, as people say it. A key that is no
// longer declared, and still has to sign, is nobody's by name.
func (r *Repository) Custodian(key string) string {
	if who := r.Keys[key].Custodian; who != "" {
		return who
	}
	return "custodian of " + key
}

// Custodians are those that are named, by the names of their keys.
func (r *Repository) Custodians() map[string]string {
	custodians := map[string]string{}
	for name, key := range r.Keys {
		if key.Custodian != "" {
			custodians[name] = key.Custodian
		}
	}
	return custodians
}

// Order lists the roles in the order in which their files are signed: each
// file states something of the ones before it (TUF 1.0.34 §6.3).
func (r *Repository) Order() []string {
	order := []string{"root"}
	for _, d := range r.Delegations {
		order = append(order, d.Role)
	}
	return append(order, "targets", "snapshot", "timestamp")
}

// ImagesFiles lists the images files by role.
func (r *Repository) ImagesFiles() map[string]string {
	files := map[string]string{}
	if file := r.Roles["targets"].Images; file != "" {
		files["targets"] = file
	}
	for _, d := range r.Delegations {
		if d.Images != "" {
			files[d.Role] = d.Images
		}
	}
	return files
}
