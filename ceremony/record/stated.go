package record

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Carried are files as a bundle has them: without changes.jsonl, which can be as large
// as the metadata that it follows from.
type Carried struct{ workspace.Files }

// stated are the files that a transcript states by their hashes.
type stated struct {
	files  workspace.View
	name   string
	dir    string
	events []transcript.Event
	count  int // that were compared

	planned   *plan.Plan
	sum       digest.SHA256       // of plan.yaml
	witnessed []witness.Statement // verified
}

func (s *stated) check() (err error) {
	if !IsCustody(s.name) {
		if s.planned, s.sum, err = plan.Read(s.files, ceremonyOf(s.name)); err != nil {
			return err
		}
	}
	for _, e := range s.events {
		if err := s.line(e); err != nil {
			return s.later(err)
		}
	}
	if IsCustody(s.name) {
		return nil
	}
	if err := s.signatures(); err != nil {
		return err
	}
	return s.witnesses()
}

// line compares the files that one line states.
func (s *stated) line(e transcript.Event) error {
	switch d := e.Data.(type) {
	case transcript.Started:
		if err := s.meant(e.Seq, d.Fake); err != nil {
			return err
		}
		if err := s.runbook(e.Seq, d.Runbook); err != nil {
			return err
		}
		return s.plan(e.Seq, d.Plan)
	case transcript.Resumed:
		return s.plan(e.Seq, d.Plan)
	case transcript.Generated:
		return s.key(e.Seq, d)
	case transcript.Written:
		_, err := s.find(s.place(e.Seq), d.Path, d.SHA256)
		return err
	}
	return nil
}

// meant refuses the transcript of a rehearsal where all is meant, and the other way
// round.
func (s *stated) meant(line int, fake bool) error {
	in, err := s.files.Rehearsal()
	if err != nil {
		return err
	}
	return in.Belongs(fake, s.place(line))
}

// maxMetadata bounds a metadata file, in bytes.
const maxMetadata = 1 << 30

func (s *stated) plan(line int, want digest.SHA256) error {
	if s.sum != want {
		return differs(s.place(line), path.Join(s.planned.Dir(), "plan.yaml"), s.sum, want)
	}
	s.count++
	if _, carried := s.files.Files.(Carried); carried {
		return nil
	}
	_, err := plan.ReadChanges(s.files, s.planned)
	return err
}

// runbook compares the script that people printed, if it lay there.
func (s *stated) runbook(line int, want digest.SHA256) error {
	if want.IsZero() {
		return nil
	}
	got, err := plan.RunbookSum(s.files, ceremonyOf(s.name))
	if err != nil {
		return err
	}
	if got != want {
		return differs(s.place(line), plan.RunbookOf(ceremonyOf(s.name)), got, want)
	}
	s.count++
	return nil
}

// key compares the record of a key. One that was lost, and written again when the
// key was found on its token, is another file of the same key.
func (s *stated) key(line int, d transcript.Generated) error {
	name := workspace.KeyPath(d.Key)
	data, err := s.files.Read(name, strict.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return differs(s.place(line), name, digest.SHA256{}, d.Record)
	}
	if err != nil {
		return err
	}
	if got := digest.Of(data); got != d.Record && !s.adopted(d.Key, d.Fingerprint) {
		return differs(s.place(line), name, got, d.Record)
	}
	record, err := workspace.ParseKeyRecord(name, d.Key, data)
	if err != nil {
		return err
	}
	if got := digest.SHA256(record.Fingerprint()); got != d.Fingerprint {
		return differs(s.place(line), name, got, d.Fingerprint)
	}
	s.count++
	return nil
}

// adopted says whether the record of a key was made again from its token.
func (s *stated) adopted(name string, key digest.SHA256) bool {
	events, err := transcript.ReadCustody(s.files)
	return err == nil && slices.ContainsFunc(events, func(e transcript.Event) bool {
		a, ok := e.Data.(transcript.Adopted)
		return ok && a.Key == name && a.Fingerprint == key
	})
}

// find reads the file that once had this name and hash: it lies there still, or a
// later ceremony that replaced it has kept it. Of a long past it reads what comes first.
func (s *stated) find(where, name string, want digest.SHA256) ([]byte, error) {
	var got digest.SHA256
	var there []string
	for place, err := range s.places(name) {
		if err != nil {
			return nil, err
		}
		data, err := s.files.Read(place, maxMetadata)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if digest.Of(data) == want {
			s.count++
			return data, nil
		}
		if there = append(there, place); len(there) == 1 {
			got = digest.Of(data)
		}
	}
	if len(there) > 1 {
		name = there[0] + " (nor " + words.List(there[1:]) + ")"
	}
	return nil, differs(where, name, got, want)
}

// places are where a file may be: under its name, or kept by a ceremony, this one and
// those after it first.
func (s *stated) places(name string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if !yield(name, nil) {
			return
		}
		held, err := ceremonies.Names(s.files)
		if err != nil {
			yield("", err)
			return
		}
		own := max(0, slices.Index(held, ceremonyOf(s.name)))
		for _, ceremony := range slices.Concat(held[own:], held[:own]) {
			sites, err := ceremonies.Sites(s.files, ceremony)
			if err != nil {
				continue // no folder
			}
			for _, site := range sites {
				if !yield(ceremonies.Kept(ceremony, site, name), nil) {
					return
				}
			}
		}
	}
}

// place names a line.
func (s *stated) place(line int) string {
	return fmt.Sprintf("line %d of %s/%s", line, s.dir, transcript.File)
}

func differs(where, name string, got, want digest.SHA256) error {
	if got.IsZero() {
		return fault.Errorf(fault.Unverified, "%w", missing{name, where, want})
	}
	return fault.Errorf(fault.Unverified, "%s is not what %s states; got SHA-256 %s, want %s", name, where, got, want)
}

// missing is a file that a line states and that is not here.
type missing struct {
	name, where string
	want        digest.SHA256
}

func (m missing) Error() string {
	return fmt.Sprintf("%s is missing; %s states its SHA-256 %s", m.name, m.where, m.want)
}

// later says how a file comes that another site has written and this one not yet.
func (s *stated) later(err error) error {
	var absent missing
	if s.planned == nil || len(s.planned.Sites()) < 2 || !errors.As(err, &absent) {
		return err
	}
	return fault.Errorf(fault.CodeOf(err), "%w", err).Hint("if this site has not written it yet, as %s has: keyrite run %s", path.Base(s.name), s.planned.Ceremony)
}

// signatures compares the signatures folder with the lines: each has the other.
func (s *stated) signatures() error {
	dir := path.Join(s.dir, "signatures")
	files, err := s.files.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var found []transcript.Signed
	for _, file := range files {
		name := path.Join(dir, file)
		data, err := s.files.Read(name, strict.MaxBytes)
		if err != nil {
			return err
		}
		signature, err := transcript.ParseSigned(name, data)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(s.events, func(e transcript.Event) bool { return e.Data == signature }) {
			return fault.Errorf(fault.Unverified, "%s: no line of %s/%s has this signature", name, s.dir, transcript.File)
		}
		found = append(found, signature)
	}
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Signed); ok && !slices.Contains(found, d) {
			return fault.Errorf(fault.Unverified, "%s holds no file with the signature of line %d", dir, e.Seq)
		}
	}
	s.count += len(found)
	return nil
}
