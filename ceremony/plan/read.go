package plan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"path"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Read reads the plan of a ceremony and its hash.
func Read(files workspace.Files, ceremony string) (*Plan, digest.SHA256, error) {
	name := path.Join(ceremonies.Dir(ceremony), ceremonies.PlanFile)
	data, err := files.Read(name, maxPlan)
	if err != nil {
		return nil, digest.SHA256{}, err
	}
	if err := strict.LineEnds(name, data); err != nil {
		return nil, digest.SHA256{}, err
	}
	p, err := Parse(name, data)
	if err != nil {
		return nil, digest.SHA256{}, err
	}
	if p.Ceremony != ceremony {
		return nil, digest.SHA256{}, fault.Errorf(fault.Unverified, "%s: ceremony is %s, but its folder is called %s", name, p.Ceremony, ceremony)
	}
	if of, err := ceremonies.RepositoryOf(ceremony); err != nil || of != p.Repository {
		return nil, digest.SHA256{}, fault.Errorf(fault.Unverified, "%s: repository is %q, but the ceremony is %s", name, p.Repository, ceremony)
	}
	return p, digest.Of(data), nil
}

// ChangesFile lies beside a plan and lists all that changes.
const ChangesFile = "changes.jsonl"

// EncodeChanges is changes.jsonl: one change a line.
func EncodeChanges(changes []roles.Change) ([]byte, error) {
	var b bytes.Buffer
	for _, c := range changes {
		line, err := strict.JSON(c)
		if err != nil {
			return nil, err
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// maxChanges bounds changes.jsonl, in bytes: some millions of changes.
const maxChanges = 2 << 30

// ReadChanges reads all changes of a plan, which must be those that it pins.
func ReadChanges(files workspace.Files, p *Plan) ([]roles.Change, error) {
	name := path.Join(p.Dir(), ChangesFile)
	data, err := files.Read(name, maxChanges)
	if err != nil {
		return nil, err
	}
	if got := digest.Of(data); got != p.Changes.SHA256 {
		return nil, fault.Errorf(fault.Unverified, "%s has changed since the plan was made; got SHA-256 %s, want %s", name, got, p.Changes.SHA256)
	}
	changes := make([]roles.Change, 0, p.Changes.Count)
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c roles.Change
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fault.Errorf(fault.Unverified, "%s:%d: %w", name, len(changes)+1, err)
		}
		changes = append(changes, c)
	}
	return changes, lines.Err()
}
