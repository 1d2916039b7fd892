package ceremony

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

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
	Version    int           `yaml:"version" json:"version"`   // of the file format: 1
	Ceremony   string        `yaml:"ceremony" json:"ceremony"` // DATE-REPOSITORY-N, names the folder below ceremonies/
	Fleet      string        `yaml:"fleet" json:"fleet"`
	Repository string        `yaml:"repository" json:"repository"`
	Format     string        `yaml:"format" json:"format"`
	Created    string        `yaml:"created" json:"created"` // RFC 3339, UTC; lifetimes count from here
	Reason     string        `yaml:"reason" json:"reason"`
	Inputs     []PlanInput   `yaml:"inputs" json:"inputs"`
	Changes    []string      `yaml:"changes" json:"changes"`
	Notes      []string      `yaml:"notes,omitempty" json:"notes,omitempty"`
	Findings   []string      `yaml:"findings,omitempty" json:"findings,omitempty"`
	Files      []PlannedFile `yaml:"files" json:"files"`
	Steps      []Step        `yaml:"steps" json:"steps"`
	Outputs    []string      `yaml:"outputs" json:"outputs"`
}

// PlanInput pins a file that the plan was derived from.
type PlanInput struct {
	Path   string `yaml:"path" json:"path"`
	SHA256 string `yaml:"sha256" json:"sha256"`
}

// PlannedFile is one metadata file to be signed.
type PlannedFile struct {
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
	doGenerate = "generate" // a key pair on a token
	doReview   = "review"   // build a file, show it, ask for consent
	doSign     = "sign"     // one key's signature of a reviewed file
	doWrite    = "write"    // join signatures to a file and put it in place
	doVerify   = "verify"   // the whole repository, as a client does
	doDestroy  = "destroy"  // a key pair on a token that nothing trusts any more
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
	case doGenerate:
		if s.Backup {
			return fmt.Sprintf("generate %s (%s, for backup)", s.Key, s.Type)
		}
		return fmt.Sprintf("generate %s (%s)", s.Key, s.Type)
	case doDestroy:
		return "destroy " + s.Key
	case doReview:
		return fmt.Sprintf("review %s %d", s.Role, s.Version)
	case doSign:
		return fmt.Sprintf("sign %s %d with %s", s.Role, s.Version, s.Key)
	case doWrite:
		return "write " + s.Path
	}
	return s.Do + " the repository"
}

// ParsePlan reads a plan strictly.
func ParsePlan(file string, data []byte) (*Plan, error) {
	p := new(Plan)
	if err := decodeYAML(file, data, p); err != nil {
		return nil, err
	}
	if p.Version != 1 {
		return nil, Errorf(Usage, "%s: version is %d, want 1", file, p.Version)
	}
	for i, s := range p.Steps {
		if s.Step != i+1 {
			return nil, Errorf(Usage, "%s: steps[%d].step is %d, want %d", file, i, s.Step, i+1)
		}
	}
	if !ceremonyName.MatchString(p.Ceremony) {
		return nil, Errorf(Usage, "%s: ceremony is %q, want DATE-REPOSITORY-N", file, p.Ceremony)
	}
	return p, nil
}

// Dir is the ceremony's folder in the workspace.
func (p *Plan) Dir() string { return path.Join("ceremonies", p.Ceremony) }

// Encode writes the plan as ParsePlan reads it.
func (p *Plan) Encode() ([]byte, error) { return encodeYAML(p) }

// file returns the planned file of a role.
func (p *Plan) file(role string) (PlannedFile, bool) {
	for _, f := range p.Files {
		if f.Role == role {
			return f, true
		}
	}
	return PlannedFile{}, false
}

// expires is the planned expiry as a time.
func (f PlannedFile) expires() (time.Time, error) {
	return time.Parse(time.RFC3339, f.Expires)
}

// roleType tells the type of the file of a role.
func roleType(role string) roles.Type {
	for _, t := range roles.TopLevel {
		if role == string(t) {
			return t
		}
	}
	return roles.TypeTargets
}

// checkInputs compares the inputs of a plan with the files as they are.
// written holds the SHA-256 of files that this ceremony has replaced already, or
// was replacing when it was interrupted.
func (p *Plan) checkInputs(ws *Workspace, written map[string]string) error {
	for _, in := range p.Inputs {
		got, err := hashFile(ws, in.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return Errorf(Unverified, "%s: the file is gone since the plan was made", in.Path).
				Hint("make a new plan: keyrite plan %s", p.Repository)
		}
		if err != nil {
			return err
		}
		if got != in.SHA256 && got != written[in.Path] {
			return Errorf(Unverified, "%s has changed since the plan was made; got SHA-256 %s, want %s", in.Path, got, in.SHA256).
				Hint("restore the file, or make a new plan: keyrite plan %s", p.Repository)
		}
	}
	return nil
}

// checkTime refuses what would be expired when it is signed: an old plan, or a
// wrong clock.
func (p *Plan) checkTime(file PlannedFile, now time.Time) error {
	expires, err := file.expires()
	if err != nil {
		return err
	}
	if !now.Before(expires) {
		return Errorf(Refused, "%s would be expired already; expires %s, and it is %s", file.Path, file.Expires, roles.FormatTime(now)).
			Hint("check the clock; if it is right, make a new plan: keyrite plan %s", p.Repository)
	}
	created, err := time.Parse(time.RFC3339, p.Created)
	if err == nil && now.Before(created.Add(-time.Minute)) {
		return Errorf(Refused, "the clock says %s, but the plan was made at %s", roles.FormatTime(now), p.Created).
			Hint("set the clock of this machine")
	}
	return err
}

// hashFile is the SHA-256 of a file of the workspace in hexadecimal.
func hashFile(ws *Workspace, name string) (string, error) {
	data, err := ws.Read(name, maxInput)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// maxInput bounds a file that a plan is derived from, in bytes: images.yaml of
// a million images is the largest.
const maxInput = 1 << 30
