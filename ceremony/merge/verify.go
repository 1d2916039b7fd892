package merge

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// after is the workspace as it would be when everything is written.
func (m *merger) after() workspace.Files {
	o := overlay{m.ws, map[string][]byte{}}
	for _, w := range m.writes {
		o.files[w.name] = w.data
	}
	return o
}

// overlay are files that lie over those of a workspace.
type overlay struct {
	workspace.Files
	files map[string][]byte
}

func (o overlay) Read(name string, limit int64) ([]byte, error) {
	if data, over := o.files[name]; over {
		if int64(len(data)) > limit {
			return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", name, len(data), limit)
		}
		return data, nil
	}
	return o.Files.Read(name, limit)
}

func (o overlay) List(dir string) ([]string, error) {
	names, err := o.Files.List(dir)
	for name := range o.files {
		for ; name != "."; name = path.Dir(name) {
			if path.Dir(name) == dir && !slices.Contains(names, path.Base(name)) {
				names = append(names, path.Base(name))
			}
		}
	}
	slices.Sort(names)
	return names, err
}

// keys refuses the record of a key of which another one is here.
func (m *merger) keys(others *sites.Others) error {
	for _, s := range m.plan.Steps {
		if s.Do != plan.Generate || m.plan.SiteOf(s) == m.own {
			continue
		}
		record := others.Key(s)
		if record == nil {
			continue
		}
		there, err := m.ws.Read(workspace.KeyPath(s.Key), strict.MaxBytes)
		if err == nil && !bytes.Equal(there, record.Raw) {
			err = fault.Errorf(fault.Unverified, "%s: is not the %s that is here; got SHA-256 %s, want %s", record.File, workspace.KeyPath(s.Key), digest.Of(record.Raw), digest.Of(there))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return m.in(record.File, err)
		}
	}
	return nil
}

// signatures verifies those that would come in, over exactly the planned bytes. Of bytes
// that cannot be known yet it is said that nobody has verified them.
func (m *merger) signatures(files workspace.Files, others *sites.Others) error {
	derived, err := derive.Again(m.ws, m.plan, m.sum)
	if err != nil {
		return err
	}
	stage, err := sites.NewStage(files, m.plan, derived.Scene, m.own, others)
	if err != nil {
		return m.named(err)
	}
	for _, s := range m.plan.Steps {
		if s.Do != plan.Sign {
			continue
		}
		found, err := others.Signature(s)
		if err != nil {
			return m.named(err)
		}
		if found == nil || !m.isNew(found.File) {
			continue
		}
		known, err := stage.Check(s, found.Signed)
		if err != nil {
			return m.in(found.File, fault.Errorf(fault.Unverified, "%s: %w", found.File, fmt.Errorf("the signature does not count: %w", err)))
		}
		if !known {
			m.result.Unverified = append(m.result.Unverified, found.File)
		}
	}
	return nil
}

func (m *merger) isNew(name string) bool {
	return slices.ContainsFunc(m.writes, func(w write) bool { return w.name == name })
}
