package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

type writeResult struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the file
	Bytes  int    `json:"bytes"`
	Kept   string `json:"kept,omitempty"` // where the file that it replaced lies now
}

// write joins the signatures to a file, counts them as every client will, puts
// the file in place and reads it back.
func (m *machine) write(s plan.Step) (any, error) {
	reviewed, ok := m.reviewed[s.Role]
	if !ok {
		return nil, fault.Errorf(fault.Usage, "plan.yaml: step %d writes %s, which no step before it reviews", s.Step, s.Role)
	}
	state, want, err := m.load()
	if err != nil {
		return nil, err
	}
	signatures, err := m.signatures(s.Role, reviewed, want.Ring)
	if err != nil {
		return nil, err
	}
	data, err := reviewed.draft.Seal(signatures)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	if err := m.countAll(s.Role, data, state, want); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	result := writeResult{Path: s.Path, SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Bytes: len(data)}
	if reviewed.file.Replaces != "" {
		result.Kept = path.Join(m.plan.Dir(), "replaced", path.Base(s.Path))
	}
	if err := m.intend(s, result); err != nil {
		return nil, err
	}
	if err := m.place(reviewed.file, data, result.Kept); err != nil {
		return nil, err
	}
	return result, m.readBack(s.Path, data)
}

// recheckWrite finds a file that was changed after it was written, before other
// files state its hash.
func (m *machine) recheckWrite(s plan.Step, raw json.RawMessage) error {
	var result writeResult
	if err := json.Unmarshal(raw, &result); err != nil {
		return fault.Errorf(fault.Unverified, "transcript: result of step %d: %w", s.Step, err)
	}
	return m.unchanged(result.Path, result.SHA256)
}

// signatures collects the results of the sign steps of a role.
func (m *machine) signatures(role string, r Reviewed, ring *plan.Keyring) ([]roles.SignedBy, error) {
	var list []roles.SignedBy
	for _, s := range m.plan.Steps {
		if s.Do != plan.DoSign || s.Role != role {
			continue
		}
		var f signatureFile
		if err := json.Unmarshal(m.results[s.Step], &f); err != nil {
			return nil, fault.Errorf(fault.Unverified, "transcript: result of step %d: %w", s.Step, err)
		}
		value, err := f.verified(r, ring.Keys[s.Key])
		if err != nil {
			return nil, fault.Errorf(fault.Unverified, "transcript: result of step %d: %w", s.Step, err)
		}
		list = append(list, roles.SignedBy{Key: ring.Keys[s.Key], Value: value})
	}
	return list, nil
}

// countAll holds the finished file against every threshold that it must meet.
func (m *machine) countAll(role string, data []byte, state *signed.State, want *plan.Desired) error {
	file, err := roles.Read(m.format, signed.RoleType(role), data)
	if err != nil {
		return err
	}
	if role != "root" {
		wanted, keys := want.Signers(role)
		return roles.CheckThreshold(file, wanted, keys).Err()
	}
	if old := state.RootBody(); old != nil && roles.HeadOf(old).Version < roles.HeadOf(file.Body).Version {
		if err := signed.CountFor(file, old, "root"); err != nil {
			return fmt.Errorf("previous root: %w", err)
		}
	}
	return signed.CountFor(file, file.Body.(*roles.Root), "root")
}

// place puts a file under its name, or finds that a run before this one has.
func (m *machine) place(file plan.File, data []byte, keep string) error {
	if m.readBack(file.Path, data) == nil {
		return nil
	}
	if file.Replaces == "" {
		err := m.Workspace.Create(file.Path, data)
		if errors.Is(err, fs.ErrExist) {
			return &fault.Error{Code: fault.Unverified, Err: err}
		}
		return err
	}
	old, err := hex.DecodeString(file.Replaces)
	if err != nil || len(old) != sha256.Size {
		return fault.Errorf(fault.Usage, "plan.yaml: replaces is %q, want a SHA-256", file.Replaces)
	}
	layout := disk.NewLayout(m.Workspace.Folder, func(name string) bool { return name == m.fixedPath(file.Role) })
	return layout.Replace(file.Path, data, [32]byte(old), keep)
}

// fixedPath is where a role's file lies whatever its version; empty where the
// version is part of the name.
func (m *machine) fixedPath(role string) string {
	name := m.format.MetadataPath(role, 1)
	if name != m.format.MetadataPath(role, 2) {
		return ""
	}
	return path.Join(m.plan.Repository, "metadata", name)
}

// readBack compares a file on disk with what it should hold.
func (m *machine) readBack(name string, want []byte) error {
	got, err := m.Workspace.Read(name, int64(len(want)))
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !bytes.Equal(got, want) {
		return fault.Errorf(fault.Failed, "%s does not read back as it was written", name)
	}
	return nil
}
