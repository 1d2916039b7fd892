package run

import (
	"errors"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// write joins the signatures to a file, counts them as every client will, and puts
// the file in place. The disk reads it back before it has its name.
func (m *machine) write(s plan.Step) error {
	reviewed, ok := m.reviewed[s.Role]
	if !ok {
		return fault.Errorf(fault.Usage, "plan.yaml: step %d writes %s, which no step before it reviews", s.Step, s.Role)
	}
	var signatures []transcript.Signed
	for _, step := range m.plan.Signing(s.Role) {
		signature, err := m.signature(step)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature)
	}
	file, err := reviewed.Seal(signatures)
	if err != nil {
		return err
	}
	planned := reviewed.File()
	line := transcript.Writing{Role: s.Role, Version: s.Version, Path: planned.Path, SHA256: file.SHA256(), Bytes: len(file.Raw)}
	if !planned.Replaces.IsZero() {
		line.Kept = ceremonies.Kept(m.plan.Ceremony, m.site.Name, planned.Path)
	}
	if err := m.transcript.Append(s.Step, transcript.ActorTool, line); err != nil {
		return err
	}
	if err := m.place(planned, file.Raw, line.Kept); err != nil {
		return err
	}
	m.scene.Put(s.Role, planned.Path, file)
	m.placed[s.Role] = true
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.Written(line))
}

// place puts a file under its name.
func (m *machine) place(file plan.File, data []byte, keep string) error {
	if !file.Replaces.IsZero() {
		layout := disk.NewLayout(m.Workspace.Folder, func(name string) bool { return name == m.fixedPath(file.Role) })
		return layout.Replace(file.Path, data, file.Replaces, keep)
	}
	err := m.Workspace.Create(file.Path, data)
	if errors.Is(err, fs.ErrExist) {
		return &fault.Error{Code: fault.Unverified, Err: err}
	}
	return err
}

// fixedPath is where a role's file lies whatever its version; empty where the
// version is part of the name.
func (m *machine) fixedPath(role string) string {
	name := m.scene.Signed.MetadataPath(role, 1)
	if name != m.scene.Signed.MetadataPath(role, 2) {
		return ""
	}
	return path.Join(signed.MetadataDir(m.plan.Repository), name)
}
