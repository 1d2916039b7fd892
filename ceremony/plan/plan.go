package plan

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// Plan is plan.yaml: one ceremony, derived from trust.yaml and the metadata
// that is signed now. It is reviewed, hashed and printed, never edited. Its
// steps have the numbers that the screen, the transcript and the record use.
//
// It is a claim and no program: whoever runs it derives it again, from the inputs
// that it pins and the request that it repeats, and demands the same bytes.
//
// Its steps name keys and never tokens: which token holds a key is the room's
// affair (site.yaml), so that the same plan serves rehearsal and production.
type Plan struct {
	Version    int    `yaml:"version" json:"version"`   // of the file format: 1
	Ceremony   string `yaml:"ceremony" json:"ceremony"` // DATE-REPOSITORY-N, names the folder below ceremonies/
	Fleet      string `yaml:"fleet" json:"fleet"`
	Repository string `yaml:"repository" json:"repository"`
	Format     string `yaml:"format" json:"format"`

	Created  time.Time `yaml:"created" json:"created"` // lifetimes count from here
	Reason   string    `yaml:"reason" json:"reason"`
	Renew    []string  `yaml:"renew,omitempty,flow" json:"renew,omitempty"`
	Later    []string  `yaml:"later,omitempty,flow" json:"later,omitempty"`     // roles that are due for renewal and wait for another ceremony
	Gradual  bool      `yaml:"gradual,omitempty" json:"gradual,omitempty"`      // root keeps old keys until new ones have signed
	Signers  []string  `yaml:"signers,omitempty,flow" json:"signers,omitempty"` // keys to sign with; none: any that is held
	Destroy  []string  `yaml:"destroy,omitempty,flow" json:"destroy,omitempty"`
	Stolen   []string  `yaml:"stolen,omitempty,flow" json:"stolen,omitempty"` // keys that nothing may trust afterwards
	Lost     []string  `yaml:"lost,omitempty,flow" json:"lost,omitempty"`     // keys that cannot sign
	Override string    `yaml:"override,omitempty" json:"override,omitempty"`  // why a version is signed a second time

	// Emergency is the kit that the ceremony seals: the next root with other keys in the
	// place of some, which vehicles do not get yet. Complete is the kit whose root it puts
	// in place.
	Emergency string            `yaml:"emergency,omitempty" json:"emergency,omitempty"`
	Replace   map[string]string `yaml:"replace,omitempty,flow" json:"replace,omitempty"` // of an emergency: new names of keys by old ones
	Complete  string            `yaml:"complete,omitempty" json:"complete,omitempty"`

	Room scene.Room `yaml:"room" json:"room"`

	// Custodians hold the tokens of the repository's keys, as trust.yaml calls them, by
	// the names of the keys.
	Custodians map[string]string `yaml:"custodians,omitempty" json:"custodians,omitempty"`

	// Witnesses may sign the head of the transcript, each with their key of trust.yaml:
	// so people compare, with the words of the plan, who has to have signed.
	Witnesses map[string]witness.Key `yaml:"witnesses,omitempty" json:"witnesses,omitempty"`

	Inputs    []Input              `yaml:"inputs" json:"inputs"`
	Changes   Changes              `yaml:"changes" json:"changes"`
	Elsewhere []Elsewhere          `yaml:"elsewhere,omitempty" json:"elsewhere,omitempty"`
	Suppliers []Supplier           `yaml:"suppliers,omitempty" json:"suppliers,omitempty"` // what is to be known of files that others sign
	Server    []roles.Due          `yaml:"server,omitempty" json:"server,omitempty"`       // what it has to sign afterwards, before publishing
	Void      []string             `yaml:"void,omitempty,flow" json:"void,omitempty"`      // kits that this ceremony gives up: their version gets other bytes
	Then      []string             `yaml:"then,omitempty,flow" json:"then,omitempty"`      // keys that root drops in a later ceremony, once this one is published
	Notices   []Notice             `yaml:"notices,omitempty" json:"notices,omitempty"`     // what vehicles notice of keys that change, and servers do
	Findings  []transcript.Finding `yaml:"findings,omitempty" json:"findings,omitempty"`
	Ledgers   Ledgers              `yaml:"ledgers,omitempty" json:"ledgers"`
	Files     []File               `yaml:"files" json:"files"`
	Steps     []Step               `yaml:"steps" json:"steps"`
	Outputs   []string             `yaml:"outputs" json:"outputs"`
}

// Input pins a file that the plan was derived from.
type Input struct {
	Path   string        `yaml:"path" json:"path"`
	SHA256 digest.SHA256 `yaml:"sha256" json:"sha256"`
}

// Changes are the differences between what is signed and what will be. A plan
// holds the first ones; the whole list lies beside it, in changes.jsonl.
type Changes struct {
	Count  int            `yaml:"count" json:"count"`
	SHA256 digest.SHA256  `yaml:"sha256" json:"sha256"` // of changes.jsonl
	First  []roles.Change `yaml:"first,omitempty" json:"first,omitempty"`
}

// Elsewhere is a role of which no key is at this site: another site or a supplier
// has to sign it.
type Elsewhere struct {
	Role string   `yaml:"role" json:"role"`
	Keys []string `yaml:"keys,flow" json:"keys"`
	Why  Why      `yaml:"why" json:"why"`
}

// String is the role in one line.
func (e Elsewhere) String() string {
	return fmt.Sprintf("%s is signed elsewhere (%s): %s", e.Role, words.List(e.Keys), e.Why)
}

// Why is why the file of a role has to be signed.
type Why string

const (
	WhyFirst   Why = "first version"
	WhyRenewal Why = "renewal"
	WhyStates  Why = "states new files"
	WhyExpired Why = "expired"
	WhyChanged Why = "changed"
	WhyKeys    Why = "its keys change"
	WhyFloor   Why = "below the floor"
	WhyDue     Why = "due for renewal"
	WhySealed  Why = "sealed for an emergency"
	WhyKit     Why = "completes an emergency kit"
)

// File is one metadata file to be signed.
type File struct {
	Role    string    `yaml:"role" json:"role"` // top-level or delegated role
	Version int64     `yaml:"version" json:"version"`
	Why     Why       `yaml:"why" json:"why"`
	Expires time.Time `yaml:"expires" json:"expires"`
	Path    string    `yaml:"path" json:"path"`
	// SHA256 is that of the exact bytes to sign, where they are known before
	// the ceremony: not while a key has yet to be generated, and not for
	// snapshot and timestamp, which state hashes of signed files.
	SHA256 digest.SHA256 `yaml:"sha256,omitempty" json:"sha256,omitzero"`
	// Replaces is the SHA-256 of the file that lies under this path now, for
	// the names that a layout fixes, such as timestamp.json.
	Replaces digest.SHA256 `yaml:"replaces,omitempty" json:"replaces,omitzero"`
}

// Next is the file as a scene makes it.
func (f File) Next() scene.Next {
	return scene.Next{Role: f.Role, Version: f.Version, Expires: f.Expires, Path: f.Path}
}

// Do is what a step does.
type Do string

const (
	Generate Do = "generate" // a key pair on a token
	Review   Do = "review"   // build a file, check it, show it
	Sign     Do = "sign"     // one key's signature of a reviewed file, with its custodian's consent
	Write    Do = "write"    // join signatures to a file and put it in place
	Verify   Do = "verify"   // the whole repository, as a client does
	Seal     Do = "seal"     // join the signatures of an emergency kit to its file
	Destroy  Do = "destroy"  // a key pair on a token that nothing trusts any more
)

// Step is one numbered step. Only the fields that its kind needs are set.
type Step struct {
	Step      int         `yaml:"step" json:"step"`
	Do        Do          `yaml:"do" json:"do"`
	Role      string      `yaml:"role,omitempty" json:"role,omitempty"`
	Version   int64       `yaml:"version,omitempty" json:"version,omitempty"`
	Key       string      `yaml:"key,omitempty" json:"key,omitempty"`
	Type      hsm.KeyType `yaml:"type,omitempty" json:"type,omitempty"`
	Backup    bool        `yaml:"backup,omitempty" json:"backup,omitempty"`     // generate a key that can be backed up
	External  bool        `yaml:"external,omitempty" json:"external,omitempty"` // the signature is brought in by hand
	Sealed    bool        `yaml:"sealed,omitempty" json:"sealed,omitempty"`     // it is in the kit that is completed
	CountsFor []string    `yaml:"counts-for,omitempty,flow" json:"counts-for,omitempty"`
	Path      string      `yaml:"path,omitempty" json:"path,omitempty"`
	Site      string      `yaml:"site,omitempty" json:"site,omitempty"` // whose token it is, in a ceremony of several sites
}

// String is the step in words, the same everywhere.
func (s Step) String() string {
	if s.Site != "" {
		return s.verb() + " at " + s.Site
	}
	return s.verb()
}

func (s Step) verb() string {
	switch s.Do {
	case Generate:
		if s.Backup {
			return fmt.Sprintf("generate %s (%s, for backup)", s.Key, s.Type)
		}
		return fmt.Sprintf("generate %s (%s)", s.Key, s.Type)
	case Destroy:
		return "destroy " + s.Key
	case Review:
		return fmt.Sprintf("review %s %d", s.Role, s.Version)
	case Sign:
		if s.Sealed {
			return fmt.Sprintf("take the signature of %s %d by %s out of the kit", s.Role, s.Version, s.Key)
		}
		if s.External {
			return fmt.Sprintf("take in the signature of %s %d by %s", s.Role, s.Version, s.Key)
		}
		return fmt.Sprintf("sign %s %d with %s", s.Role, s.Version, s.Key)
	case Write, Seal:
		return string(s.Do) + " " + s.Path
	}
	return string(s.Do) + " the repository"
}

// Heading is what the screen shows when a step begins, and the paper above it.
func (p *Plan) Heading(s Step) string {
	return fmt.Sprintf("step %d of %d: %s", s.Step, len(p.Steps), s)
}

// maxPlan bounds plan.yaml, in bytes: thousands of delegations.
const maxPlan = 64 << 20

// Parse reads a plan strictly.
func Parse(file string, data []byte) (*Plan, error) {
	p := new(Plan)
	if err := strict.DecodeUpTo(maxPlan, file, data, p); err != nil {
		return nil, err
	}
	if p.Version != 1 {
		return nil, fault.Errorf(fault.Usage, "%s: version is %d, want 1", file, p.Version)
	}
	for i, s := range p.Steps {
		if s.Step != i+1 {
			return nil, fault.Errorf(fault.Usage, "%s: steps[%d].step is %d, want %d", file, i, s.Step, i+1)
		}
	}
	if _, err := ceremonies.RepositoryOf(p.Ceremony); err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %w", file, err)
	}
	return p, nil
}

// Dir is the ceremony's folder in the workspace.
func (p *Plan) Dir() string { return ceremonies.Dir(p.Ceremony) }

// Encode writes the plan as Parse reads it.
func (p *Plan) Encode() ([]byte, error) { return strict.Encode(p) }

// File returns the planned file of a role.
func (p *Plan) File(role string) (File, bool) {
	for _, f := range p.Files {
		if f.Role == role {
			return f, true
		}
	}
	return File{}, false
}

// GoesOn says whether the act of a step goes on in the next one: it makes another key
// on the same token for the same custodian, who types the PIN once for all.
func (p *Plan) GoesOn(s Step, tokens map[string]string, custodian func(key string) string) bool {
	if s.Step >= len(p.Steps) {
		return false
	}
	next := p.Steps[s.Step] // steps count from 1
	return s.Do == Generate && next.Do == Generate && tokens[s.Key] == tokens[next.Key] && custodian(s.Key) == custodian(next.Key)
}

// Signing are the steps that sign the file of a role.
func (p *Plan) Signing(role string) []Step {
	var steps []Step
	for _, s := range p.Steps {
		if s.Do == Sign && s.Role == role {
			steps = append(steps, s)
		}
	}
	return steps
}

// SignaturePath is where a site keeps the signature of a step.
func (p *Plan) SignaturePath(site string, s Step) string {
	return path.Join(ceremonies.SiteDir(p.Ceremony, site), ceremonies.SignaturesDir, fmt.Sprintf("%02d-%s-%s.json", s.Step, url.PathEscape(s.Role), s.Key))
}

// CheckTime refuses what would be expired when it is signed: an old plan, or a
// wrong clock.
func (p *Plan) CheckTime(file File, now time.Time) error {
	if !now.Before(file.Expires) {
		return fault.Errorf(fault.Refused, "%s would be expired already; expires %s, and it is %s", file.Path, roles.FormatTime(file.Expires), roles.FormatTime(now)).
			Hint("check the clock; if it is right, make a new plan: keyrite plan %s", p.Repository)
	}
	if now.Before(p.Created.Add(-time.Minute)) {
		return fault.Errorf(fault.Refused, "the clock says %s, but the plan was made at %s", roles.FormatTime(now), roles.FormatTime(p.Created)).
			Hint("if this machine's clock is right, the plan was made with --at or by a wrong clock: make a new one: keyrite plan %s", p.Repository).
			Hint("if it is wrong, set it by a watch that two people agree on")
	}
	return nil
}

// Output is the file that a step makes, "" for none.
func (s Step) Output() string {
	if s.Do == Generate {
		return workspace.KeyPath(s.Key)
	}
	return s.Path
}

// Gone says whether a plan takes a key for stolen or lost.
func (p *Plan) Gone(key string) bool {
	return slices.Contains(p.Stolen, key) || slices.Contains(p.Lost, key)
}
