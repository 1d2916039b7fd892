package record

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Make makes the record of what one site did of a ceremony (CEREMONY/SITE): part A from the transcript and what it
// states, the same bytes each time; part B for what only people in the room know.
func Make(files workspace.Files, name string) (*page.Document, error) {
	s, err := read(files, name)
	if err != nil {
		return nil, err
	}
	return s.document(), nil
}

// document sets the sections.
func (s *source) document() *page.Document {
	d := &page.Document{
		Title: "Record of " + s.plan.Ceremony,
		Band:  s.band(),
		Foot:  fmt.Sprintf("%s · record of %s · head %s", s.plan.Fleet, s.plan.Ceremony, s.chain.Head.String()[:8]),
		Size:  10,
	}
	d.Sections = []page.Section{
		s.identity(), s.people(), s.equipment(), s.keysSection(), s.signedFiles(), s.trust(), s.findings(),
		s.deviations(), s.rehearsal(), s.withoutKeyrite(), s.chronicle(),
	}
	d.Sections = append(d.Sections, byHand()...)
	return d
}

// band stands across every page of a rehearsal's record.
func (s *source) band() string {
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Started); ok && d.Fake {
			return "FAKE: rehearsal of " + s.plan.Ceremony
		}
	}
	return ""
}

// File is the name of a record in its site's folder.
const File = "record.html"

// Verify is Check, and compares the records that lie beside the transcript, if there are
// any, with what follows from it and from those of the other sites.
func Verify(files workspace.Files, name string) (*Chain, error) {
	chain, err := verifyOwn(files, name)
	if err != nil || IsCustody(name) {
		return chain, err
	}
	joined, err := verifyJoined(files, name)
	if err != nil {
		return nil, err
	}
	if joined {
		chain.Files++
	}
	return chain, nil
}

// verifyOwn compares the record of the site itself.
func verifyOwn(files workspace.Files, name string) (*Chain, error) {
	file := path.Join(Dir(name), File)
	got, err := files.Read(file, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return Check(files, name)
	}
	if err != nil {
		return nil, err
	}
	s, err := read(files, name)
	if err != nil {
		return nil, err
	}
	want, err := s.asOf(got).document().HTML()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(got, want) {
		return nil, fault.Errorf(fault.Unverified, "%s is not the record that follows from %s; got SHA-256 %s, want %s", file, path.Join(Dir(name), transcript.File), digest.Of(got), digest.Of(want)).
			Hint("one of the two was changed, or another version of keyrite made the record; %s", again(files, name))
	}
	s.chain.Files++
	return s.chain, nil
}

// again says what to do about a record that does not follow from its transcript.
func again(files workspace.Files, name string) string {
	if _, carried := files.(Carried); carried {
		return "compare it with the paper that people signed"
	}
	return "move it away and make it again with keyrite record " + name
}

// maxRecord bounds a record, in bytes.
const maxRecord = 64 << 20

// identity is A1: which ceremony this is, how it ended, and the hashes that stand
// for everything else.
func (s *source) identity() page.Section {
	first, last := s.events[0], s.events[len(s.events)-1]
	facts := page.Facts{
		{Name: "site", Value: path.Base(s.chain.Name)},
		{Name: "repository", Value: s.plan.Repository + ", format " + s.plan.Format},
		{Name: "reason", Value: cmp.Or(s.plan.Reason, "none was given")},
		{Name: "plan made", Value: s.plan.Created.Format(layout)},
		{Name: "held", Value: first.Time.Format(layout) + " to " + last.Time.Format(layout)},
		{Name: "head of the transcript", Value: Hex(s.chain.Head), Mono: true},
	}
	facts = append(append(facts, s.witnessFacts()...),
		page.Fact{Name: "runbook-id (its cover)"}, s.tool(), page.Fact{Name: "keep until"})
	return page.Section{Mark: "A1", Title: "Which ceremony, and how it ended", Blocks: []page.Block{
		&page.Cover{Over: "Record of a key ceremony", Title: s.plan.Fleet, Under: s.plan.Ceremony, Sentence: s.verdict()},
		&page.Text{Text: "Part A (A1 to A11) follows from the transcript and from what it and its plan state by hash; the same ceremony has the same part A, byte for byte, with the signatures of witnesses that lay beside the transcript when it was made. Empty boxes, and part B, are filled in by hand."},
		facts,
		hashGrid("Plan, in words (plan.yaml)", s.sum),
		hashGrid("Room, in words (site.yaml: modules with their hashes, tokens, which token holds which key)", s.room()),
		s.witnessGrid(),
	}}
}

// tool is the program that ran, in its own words; to be written in where they lack.
func (s *source) tool() page.Fact {
	found := s.inspected()
	if found == nil {
		return page.Fact{Name: "tool (keyrite version)"}
	}
	return page.Fact{Name: "tool", Value: "keyrite " + found.Build + ", SHA-256 " + Hex(found.Program)}
}

// room is the hash of site.yaml that the ceremony began with.
func (s *source) room() (sum digest.SHA256) {
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Started); ok {
			return d.Room
		}
	}
	return sum
}

func (s *source) witnessGrid() page.Block {
	if s.chain.ShownLine == 0 {
		return &page.Text{Text: "No head was shown to the witness."}
	}
	return hashGrid(fmt.Sprintf("Head, in words, as the witness wrote it down (line %d of %d)", s.chain.ShownLine, s.chain.Lines), s.chain.Shown)
}

// hashGrid is a hash in words and in digits.
func hashGrid(caption string, sum digest.SHA256) *page.Grid {
	return &page.Grid{Caption: caption, Words: sum.Words(), Hash: Hex(sum)}
}

// Hex is a hash in groups of four digits, which people read without losing their
// place.
func Hex(sum digest.SHA256) string { return strings.Join(groups(sum.String(), 4), " ") }

// groups cuts text of ASCII into pieces of n.
func groups(text string, n int) []string {
	var list []string
	for ; len(text) > n; text = text[n:] {
		list = append(list, text[:n])
	}
	return append(list, text)
}

// verdict is the ceremony in one sentence.
func (s *source) verdict() string {
	var made, signed []string
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Generated); ok {
			made = append(made, d.Key)
		}
	}
	for _, f := range s.files {
		if f.written != nil {
			signed = append(signed, fmt.Sprintf("%s %d", f.planned.Role, f.planned.Version))
		}
	}
	text := fmt.Sprintf("%s generated; put in place: %s.", words.Count(len(made), "key"), words.List(signed))
	switch n := len(s.deviationRows()); {
	case s.chain.State == ceremonies.Aborted:
		return "ABORTED. " + text
	case s.chain.State != ceremonies.Finished:
		return "NOT FINISHED. " + text
	case n == 0:
		return "Finished as planned. " + text
	default:
		return fmt.Sprintf("Finished, with %s (A8). %s", words.Count(n, "deviation"), text)
	}
}
