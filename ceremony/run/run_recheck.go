package run

import (
	"encoding/json"
	"errors"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// What a run makes sure of before it goes on where another stopped.

// written lists the files that this ceremony has put in place, or was about to
// when it was interrupted, with the SHA-256 that each then has.
func (m *machine) written() map[string]string {
	written := map[string]string{}
	for _, step := range m.plan.Steps {
		var w writeResult
		if raw, ok := m.intents[step.Step]; ok && step.Do == plan.DoWrite && json.Unmarshal(raw, &w) == nil {
			written[w.Path] = w.SHA256
		}
	}
	return written
}

// checkOutputs refuses a plan that another ceremony has overtaken: it would
// generate keys that are there, or sign a second file with the same version.
func (m *machine) checkOutputs() error {
	for _, s := range m.plan.Steps {
		output := s.Path
		if s.Do == plan.DoGenerate {
			output = workspace.KeyPath(s.Key)
		}
		file, _ := m.plan.File(s.Role)
		if _, begun := m.intents[s.Step]; begun || output == "" || file.Replaces != "" {
			continue
		}
		there, err := m.Workspace.Exists(output)
		if err != nil {
			return err
		}
		if there {
			return fault.Errorf(fault.Unverified, "%s is there already, but not from this ceremony", output).
				Hint("make a new plan: keyrite plan %s", m.plan.Repository)
		}
	}
	return nil
}

// recheck holds the result of a finished step against what is there now.
func (m *machine) recheck(s plan.Step, raw json.RawMessage) error {
	switch s.Do {
	case plan.DoGenerate:
		return m.recheckKey(s, raw)
	case plan.DoReview:
		return m.recheckReview(s, raw)
	case plan.DoSign:
		return m.recheckSign(s, raw)
	case plan.DoWrite:
		return m.recheckWrite(s, raw)
	}
	return nil
}

// unchanged holds a file that a finished step wrote against its SHA-256.
func (m *machine) unchanged(name, want string) error {
	got, err := workspace.HashFile(m.Workspace, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Errorf(fault.Unverified, "%s is gone since this ceremony wrote it", name)
	}
	if err == nil && got != want {
		return fault.Errorf(fault.Unverified, "%s has changed since this ceremony wrote it; got SHA-256 %s, want %s", name, got, want)
	}
	return err
}
