package run

import (
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// What a run makes sure of before it goes on from what lies on the disk.

// outputsFree refuses a plan that another ceremony has overtaken: it would
// generate keys that are there, or sign a second file with the same version.
func (m *machine) outputsFree() error {
	for _, s := range m.plan.Steps {
		output := s.Output()
		if file, _ := m.plan.File(s.Role); output == "" || !file.Replaces.IsZero() {
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
// are exactly what would be signed now, with signatures that count.
func (m *machine) recognize() error {
	for _, s := range m.plan.Steps {
		switch s.Do {
		case plan.Generate:
			if err := m.recognizeKey(s); err != nil {
				return err
			}
		case plan.Write:
			if err := m.recognizeFile(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *machine) recognizeKey(s plan.Step) error {
	record, err := m.Workspace.Key(s.Key)
	_, begun := transcript.Last[transcript.Generating](m.transcript, s.Step)
	if notThere(err) {
		if _, done := transcript.Last[transcript.Generated](m.transcript, s.Step); done {
			return fault.Errorf(fault.Unverified, "%s is gone since this ceremony wrote it", s.Output()).
				Hint("restore the file; the key itself is on its token")
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
	return m.scene.AddKey(record)
}

// recognizeFile finds a file that is in place. Files are signed in the order of
// the plan, so the first that is not there ends it.
func (m *machine) recognizeFile(s plan.Step) error {
	file, _ := m.plan.File(s.Role)
	data, err := m.Workspace.Read(file.Path, disk.MaxInput)
	if errors.Is(err, fs.ErrNotExist) {
		if _, done := transcript.Last[transcript.Written](m.transcript, s.Step); done {
			return fault.Errorf(fault.Unverified, "%s is gone since this ceremony wrote it", file.Path).Hint("restore it from a copy")
		}
		return nil
	}
	if err != nil || digest.Of(data) == file.Replaces && !file.Replaces.IsZero() {
		return err
	}
	writing, begun := transcript.Last[transcript.Writing](m.transcript, s.Step)
	if !begun {
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
