package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// Plan is plan.yaml: one ceremony, derived from trust.yaml and the metadata
// that is signed now. It is reviewed, hashed and printed, never edited. Its
// steps have the numbers that the screen, the transcript and the record use.
//
// It names keys and never tokens: which token holds a key is the room's affair
// (site.yaml), so that the same plan serves rehearsal and production.
type Plan struct {
	Version    int      `yaml:"version" json:"version"`   // of the file format: 1
	Ceremony   string   `yaml:"ceremony" json:"ceremony"` // DATE-REPOSITORY-N, names the folder below ceremonies/
	Fleet      string   `yaml:"fleet" json:"fleet"`
	Repository string   `yaml:"repository" json:"repository"`
	Format     string   `yaml:"format" json:"format"`
	Created    string   `yaml:"created" json:"created"` // RFC 3339, UTC; lifetimes count from here
	Reason     string   `yaml:"reason" json:"reason"`
	Inputs     []Input  `yaml:"inputs" json:"inputs"`
	Changes    []string `yaml:"changes" json:"changes"`
	Notes      []string `yaml:"notes,omitempty" json:"notes,omitempty"`
	Findings   []string `yaml:"findings,omitempty" json:"findings,omitempty"`
	Files      []File   `yaml:"files" json:"files"`
	Steps      []Step   `yaml:"steps" json:"steps"`
	Outputs    []string `yaml:"outputs" json:"outputs"`
}

// Input pins a file that the plan was derived from.
type Input struct {
	Path   string `yaml:"path" json:"path"`
	SHA256 string `yaml:"sha256" json:"sha256"`
}

// File is one metadata file to be signed.
type File struct {
	Role    string `yaml:"role" json:"role"` // top-level or delegated role
	Version int64  `yaml:"version" json:"version"`
	Expires string `yaml:"expires" json:"expires"` // as it will stand in the file
	Path    string `yaml:"path" json:"path"`
	// SHA256 is that of the exact bytes to sign, where they are known before
	// the ceremony: not while a key has yet to be generated, and not for
	// snapshot and timestamp, which state hashes of signed files.
	SHA256 string `yaml:"sha256,omitempty" json:"sha256,omitempty"`
	// Replaces is the SHA-256 of the file that lies under this path now, for
	// the names that a layout fixes, such as timestamp.json.
	Replaces string `yaml:"replaces,omitempty" json:"replaces,omitempty"`
}

// What a step does.
const (
	DoGenerate = "generate" // a key pair on a token
	DoReview   = "review"   // build a file, show it, ask for consent
	DoSign     = "sign"     // one key's signature of a reviewed file
	DoWrite    = "write"    // join signatures to a file and put it in place
	DoVerify   = "verify"   // the whole repository, as a client does
	DoDestroy  = "destroy"  // a key pair on a token that nothing trusts any more
)

// Step is one numbered step. Only the fields that its kind needs are set.
type Step struct {
	Step      int         `yaml:"step" json:"step"`
	Do        string      `yaml:"do" json:"do"`
	Role      string      `yaml:"role,omitempty" json:"role,omitempty"`
	Version   int64       `yaml:"version,omitempty" json:"version,omitempty"`
	Key       string      `yaml:"key,omitempty" json:"key,omitempty"`
	Type      hsm.KeyType `yaml:"type,omitempty" json:"type,omitempty"`
	Backup    bool        `yaml:"backup,omitempty" json:"backup,omitempty"` // generate a key that can be backed up
	CountsFor []string    `yaml:"counts-for,omitempty,flow" json:"counts-for,omitempty"`
	Path      string      `yaml:"path,omitempty" json:"path,omitempty"`
}

// String is the step in words, the same everywhere.
func (s Step) String() string {
	switch s.Do {
	case DoGenerate:
		if s.Backup {
			return fmt.Sprintf("generate %s (%s, for backup)", s.Key, s.Type)
		}
		return fmt.Sprintf("generate %s (%s)", s.Key, s.Type)
	case DoDestroy:
		return "destroy " + s.Key
	case DoReview:
		return fmt.Sprintf("review %s %d", s.Role, s.Version)
	case DoSign:
		return fmt.Sprintf("sign %s %d with %s", s.Role, s.Version, s.Key)
	case DoWrite:
		return "write " + s.Path
	}
	return s.Do + " the repository"
}

// Parse reads a plan strictly.
func Parse(file string, data []byte) (*Plan, error) {
	p := new(Plan)
	if err := strict.Decode(file, data, p); err != nil {
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
	if !ceremonyName.MatchString(p.Ceremony) {
		return nil, fault.Errorf(fault.Usage, "%s: ceremony is %q, want DATE-REPOSITORY-N", file, p.Ceremony)
	}
	return p, nil
}

// Dir is the ceremony's folder in the workspace.
func (p *Plan) Dir() string { return path.Join("ceremonies", p.Ceremony) }

// Encode writes the plan as ParsePlan reads it.
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

// ExpiresAt is the planned expiry as a time.
func (f File) ExpiresAt() (time.Time, error) {
	return time.Parse(time.RFC3339, f.Expires)
}

// CheckInputs compares the inputs of a plan with the files as they are.
// written holds the SHA-256 of files that this ceremony has replaced already, or
// was replacing when it was interrupted.
func (p *Plan) CheckInputs(ws *workspace.Workspace, written map[string]string) error {
	for _, in := range p.Inputs {
		got, err := workspace.HashFile(ws, in.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return fault.Errorf(fault.Unverified, "%s: the file is gone since the plan was made", in.Path).
				Hint("make a new plan: keyrite plan %s", p.Repository)
		}
		if err != nil {
			return err
		}
		if got != in.SHA256 && got != written[in.Path] {
			return fault.Errorf(fault.Unverified, "%s has changed since the plan was made; got SHA-256 %s, want %s", in.Path, got, in.SHA256).
				Hint("restore the file, or make a new plan: keyrite plan %s", p.Repository)
		}
	}
	return nil
}

// CheckTime refuses what would be expired when it is signed: an old plan, or a
// wrong clock.
func (p *Plan) CheckTime(file File, now time.Time) error {
	expires, err := file.ExpiresAt()
	if err != nil {
		return err
	}
	if !now.Before(expires) {
		return fault.Errorf(fault.Refused, "%s would be expired already; expires %s, and it is %s", file.Path, file.Expires, roles.FormatTime(now)).
			Hint("check the clock; if it is right, make a new plan: keyrite plan %s", p.Repository)
	}
	created, err := time.Parse(time.RFC3339, p.Created)
	if err == nil && now.Before(created.Add(-time.Minute)) {
		return fault.Errorf(fault.Refused, "the clock says %s, but the plan was made at %s", roles.FormatTime(now), p.Created).
			Hint("set the clock of this machine")
	}
	return err
}
