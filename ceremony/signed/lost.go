package signed

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// lose takes the file of a delegated role out, if it is one, and remembers why: one
// supplier must not stop the timestamp of a fleet. Where the file that is published
// lies beside it, that one stays.
func (s *State) lose(role string, why error) bool {
	if slices.Contains(workspace.TopLevel, role) {
		return false
	}
	delete(s.Files, role)
	if s.Before[role] != nil {
		s.takeBefore(role, why)
		return true
	}
	remember(&s.Lost, role, why)
	return true
}

// PassOver goes on without the file of a delegated role although it is signed as it
// should be: with the one that is published, if that is there.
func (s *State) PassOver(role string, why error) { s.lose(role, why) }

// AsPublished goes back, for each role whose file others sign, to the one that snapshot
// states: a newer one that waits here is published when a ceremony has taken it in.
func (s *State) AsPublished(others func(role string) bool) {
	for _, role := range s.Waiting() {
		if others(role) {
			s.takeBefore(role, roles.Problem{Kind: roles.ProblemWaiting, File: s.Paths[role],
				Text: fmt.Sprintf("%s: snapshot does not state it; a plan takes it in, or says why not", s.Paths[role])})
		}
	}
}

// Waiting are the delegated roles whose newer file lies here while snapshot, which is
// signed here, states an older one.
func (s *State) Waiting() []string {
	if slices.Contains(roles.From(s.Server), roles.TypeSnapshot) {
		return nil // what the server knows of lags behind
	}
	return slices.Sorted(maps.Keys(s.Before))
}

func (s *State) takeBefore(role string, why error) {
	before := s.Before[role]
	delete(s.Before, role)
	s.Files[role], s.Paths[role] = before, s.at(role, roles.HeadOf(before.Body).Version)
	remember(&s.Passed, role, why)
}

// remember keeps the first reason.
func remember(reasons *map[string]error, role string, why error) {
	if *reasons == nil {
		*reasons = map[string]error{}
	}
	if (*reasons)[role] == nil {
		(*reasons)[role] = why
	}
}

// Undelivered says whether the signed targets file delegates to a role that has
// no file yet.
func (s *State) Undelivered(role string) bool {
	return s.File(role) == nil && s.Lost[role] == nil && s.Trusted(role)
}

// Replaced is where a file is kept that another one takes the place of, outside of
// ceremonies.
func Replaced(name string, sum digest.SHA256) string {
	return path.Join(transcript.CustodyDir, "replaced", sum.String()[:16]+"-"+path.Base(name))
}

// readBefore reads the files of delegated roles that snapshot states, as far as newer
// ones lie beside them, or have taken their place.
func (s *State) readBefore(files workspace.Files, names []string) error {
	snapshot, ok := s.Body("snapshot").(*roles.Snapshot)
	if !ok {
		return nil
	}
	for i := range snapshot.Meta {
		meta := &snapshot.Meta[i]
		role := strings.TrimSuffix(meta.Name, ".json")
		where := s.whereBefore(role, meta, names)
		if where == "" {
			continue
		}
		file, err := s.readFile(files, role, where)
		if err != nil && fault.CodeOf(err) != fault.Unverified && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err != nil || !meta.States(file) {
			continue
		}
		if s.Before[role] = file; path.Dir(where) != s.Dir {
			s.aside[role] = where
		}
		if why := s.Lost[role]; why != nil {
			delete(s.Lost, role)
			s.lose(role, why)
		}
	}
	return nil
}

// whereBefore is where the file of a delegated role lies that snapshot states, "" where
// it is the newest one, or not there.
func (s *State) whereBefore(role string, meta *roles.Meta, names []string) string {
	name := s.MetadataPath(role, meta.Version)
	full := path.Join(s.Dir, name)
	switch file := s.Files[role]; {
	case slices.Contains(workspace.TopLevel, role) || !slices.Contains(names, name):
		return ""
	case full != s.Paths[role]:
		return full
	case file != nil && meta.States(file) || meta.Hashes.SHA256 == nil:
		return ""
	}
	return Replaced(full, *meta.Hashes.SHA256)
}

// lostFiles are the names of files below the metadata folder that are of no use,
// and why.
func (s *State) lostFiles() map[string]error {
	names := map[string]error{}
	for role, why := range s.Lost {
		where := s.Paths[role]
		if where == "" {
			continue
		}
		names[s.name(role)] = fmt.Errorf("it is passed over: %w", why)
	}
	return names
}

// Odd is a file that can be looked at and no more.
type Odd struct {
	File    string        `json:"file"`
	Problem roles.Problem `json:"problem"` // what is odd about it
}

// OddOf says of a file with a problem what that means for people.
func OddOf(where string, file *roles.File, means string) Odd {
	problem := roles.ProblemOf(roles.InFile(where, file.Problem))
	problem.Text += "; " + means
	return Odd{where, problem}
}

func (o Odd) String() string { return o.Problem.Text }

// Odd says of each file that can be looked at and no more what is odd about it.
func (s *State) Odd() []Odd {
	var list []Odd
	note := func(where string, file *roles.File) {
		if file.Problem != nil {
			list = append(list, OddOf(where, file, "nothing can be signed on top of it"))
		}
	}
	for i, root := range s.Roots {
		note(s.at("root", int64(i+1)), root)
	}
	for _, role := range slices.Sorted(maps.Keys(s.Files)) {
		note(s.Paths[role], s.Files[role])
	}
	return list
}
