package run

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// What a run makes sure of before it goes on from what lies on the disk.

// outputsFree refuses a plan that another ceremony has overtaken: it would
// generate keys that are there, or sign a second file with the same version.
func (m *machine) outputsFree() error {
	for _, s := range m.plan.Steps {
		output := s.Output()
		if file, _ := m.plan.File(s.Role); output == "" || !file.Replaces.IsZero() || m.mayBeTheirs(s) {
			continue
		}
		if there, err := m.Workspace.Exists(output); err != nil {
			return err
		} else if there {
			return m.stranger(output)
		}
	}
	return nil
}

// mayBeTheirs says whether another site may have done a step: what it made is judged by
// its value, when it is this step's turn.
func (m *machine) mayBeTheirs(s plan.Step) bool {
	if s.Do == plan.Generate {
		return !m.isOurs(s)
	}
	return !m.others.None()
}

func (m *machine) stranger(name string) error {
	return fault.Errorf(fault.Unverified, "%s is there already, but not from this ceremony", name).
		Hint("make a new plan: keyrite plan %s", m.plan.Repository)
}

// noStranger refuses metadata that a client would take for newer than what the
// plan was made from, unless this ceremony writes it: whoever put it there wants
// something signed over it.
func (m *machine) noStranger() error {
	dir := m.scene.Signed.Dir
	names, err := signed.MetadataNames(m.Workspace, dir)
	if err != nil {
		return err
	}
	newest := signed.Newest(m.scene.Format, names)
	for i, name := range names {
		full := path.Join(dir, name)
		isRoot := len(signed.RootVersions(names[i:i+1])) > 0
		if !isRoot && !newestOf(newest, name) || m.knows(full) {
			continue
		}
		return m.stranger(full)
	}
	return nil
}

func newestOf(newest map[string]string, name string) bool {
	for _, n := range newest {
		if n == name {
			return true
		}
	}
	return false
}

func (m *machine) knows(name string) bool {
	return slices.Contains(m.plan.Outputs, name) || slices.ContainsFunc(m.plan.Inputs, func(in plan.Input) bool { return in.Path == name })
}

// recognize takes in what earlier runs of this ceremony made, by its effect: keys
// by their records, which a token will have to confirm, and files because they
// are exactly what would be signed now, with signatures that count. Where other sites
// take part, files wait until the words of their keys are compared.
func (m *machine) recognize() error {
	for _, s := range m.plan.Steps {
		switch {
		case s.Do == plan.Generate && m.isOurs(s):
			if err := m.recognizeKey(s); err != nil {
				return err
			}
		case s.Do == plan.Write && m.alone():
			if err := m.recognizeFile(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// alone says whether no other site takes part.
func (m *machine) alone() bool { return len(m.plan.Sites()) == 1 && m.others.None() }

// findFile finds, before a file is reviewed, that it is in place: a run before this one
// wrote it, or another site.
func (m *machine) findFile(ctx context.Context, s plan.Step) (placed bool, err error) {
	if m.alone() {
		return false, nil
	}
	if err := m.hear(ctx, s); err != nil {
		return false, err
	}
	for _, w := range m.plan.Steps {
		if w.Do == plan.Write && w.Role == s.Role {
			err = m.recognizeFile(w)
		}
	}
	return m.placed[s.Role], err
}

func (m *machine) recognizeKey(s plan.Step) error {
	record, err := m.Workspace.Key(s.Key)
	_, begun := transcript.Last[transcript.Generating](m.transcript, s.Step)
	if notThere(err) {
		if _, done := transcript.Last[transcript.Generated](m.transcript, s.Step); done {
			return fault.Errorf(fault.Unverified, "%s is gone since this ceremony wrote it", s.Output()).
				Hint("restore it from a copy; or make it again from the token: keyrite key adopt %s --token TOKEN", s.Key)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if !begun {
		return m.stranger(s.Output())
	}
	if done, ok := transcript.Last[transcript.Generated](m.transcript, s.Step); !ok {
		return nil // between the record and its line: the step finds it again
	} else if done.Fingerprint != digest.SHA256(record.Fingerprint()) {
		return fault.Errorf(fault.Unverified, "%s holds another key than this ceremony generated; got SHA-256 %x, want %s", s.Output(), record.Fingerprint(), done.Fingerprint)
	}
	if record.Type != s.Type {
		return fault.Errorf(fault.Unverified, "%s has a key of type %s, want %s", s.Output(), record.Type, s.Type)
	}
	if err := m.keepKey(s, record); err != nil {
		return err
	}
	return m.scene.AddKey(record)
}

// keepKey keeps the record of a key where other sites look for it.
func (m *machine) keepKey(s plan.Step, record *workspace.KeyRecord) error {
	if s.Site == "" || m.Rehearsal != nil {
		return nil
	}
	data, err := record.Encode()
	if err != nil {
		return err
	}
	return m.Workspace.Ensure(ceremonies.KeyPath(m.plan.Ceremony, m.site.Name, s.Key), data)
}

// recognizeFile finds a file that is in place. Files are signed in the order of
// the plan, so the first that is not there ends it.
func (m *machine) recognizeFile(s plan.Step) error {
	file, _ := m.plan.File(s.Role)
	data, err := m.Workspace.Read(file.Path, disk.MaxInput)
	if errors.Is(err, fs.ErrNotExist) {
		if _, done := transcript.Last[transcript.Written](m.transcript, s.Step); done {
			return fault.Errorf(fault.Unverified, "%s is gone since this ceremony wrote it", file.Path).
				Hint("restore it from a copy; or close this ceremony: keyrite abort %s --reason TEXT", m.plan.Ceremony)
		}
		return nil
	}
	if err != nil || digest.Of(data) == file.Replaces && !file.Replaces.IsZero() {
		return err
	}
	writing, begun := transcript.Last[transcript.Writing](m.transcript, s.Step)
	if !begun && m.others.None() {
		return m.stranger(file.Path)
	}
	candidate, err := review.Build(m.scene, m.plan, s.Role)
	if err != nil {
		return err
	}
	placed, err := candidate.Placed(data)
	if err != nil {
		return err
	}
	m.scene.Put(s.Role, file.Path, placed)
	m.placed[s.Role] = true
	if _, done := transcript.Last[transcript.Written](m.transcript, s.Step); done {
		return nil
	}
	if !begun {
		writing = transcript.Writing{Role: s.Role, Version: s.Version, Path: file.Path, SHA256: digest.Of(data), Bytes: len(data), Found: true}
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.Written(writing))
}

// isDone says whether there is nothing left to do in a step.
func (m *machine) isDone(s plan.Step) bool {
	switch s.Do {
	case plan.Generate:
		return m.scene.Ring.Record(s.Key) != nil
	case plan.Review, plan.Sign, plan.Write:
		return m.placed[s.Role]
	}
	return false
}
