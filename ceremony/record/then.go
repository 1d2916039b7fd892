package record

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// verifyJoined compares the record of all sites that lies beside a transcript, if there is
// one, with what followed from all of them when it was made: sites go on after it, and it
// states the head of each.
func verifyJoined(files workspace.Files, name string) (found bool, err error) {
	file := path.Join(Dir(name), JoinedFile)
	got, err := files.Read(file, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ceremony := ceremonyOf(name)
	d, err := MakeJoined(then{files, ceremonies.Dir(ceremony), got}, ceremony)
	if err != nil {
		return false, err
	}
	want, err := d.HTML()
	if err == nil && !bytes.Equal(got, want) {
		err = fault.Errorf(fault.Unverified, "%s is not the record that follows from the transcripts of all sites; got SHA-256 %s, want %s", file, digest.Of(got), digest.Of(want)).
			Hint("it was changed, or another version of keyrite made it; %s", again(files, ceremony))
	}
	return true, err
}

// then is a ceremony as far as a record tells: each transcript up to the head that stands
// there, and the signatures of witnesses that it names.
type then struct {
	workspace.Files
	ceremony string // its folder
	record   []byte
}

func (t then) Read(name string, limit int64) ([]byte, error) {
	data, err := t.Files.Read(name, limit)
	if err != nil || path.Base(name) != transcript.File || path.Dir(path.Dir(name)) != t.ceremony {
		return data, err
	}
	lines, err := t.lines(path.Dir(name))
	if err != nil {
		return nil, err
	}
	end := 0
	for range lines {
		end += bytes.IndexByte(data[end:], '\n') + 1
	}
	return data[:end], nil
}

// lines are how many of a transcript the record tells of.
func (t then) lines(dir string) (n int, err error) {
	events, err := transcript.Read(t.Files, dir)
	for _, e := range events {
		if bytes.Contains(t.record, []byte(Hex(e.Hash))) {
			n = e.Seq
		}
	}
	return n, err
}

func (t then) List(dir string) ([]string, error) {
	names, err := t.Files.List(dir)
	if err == nil && path.Dir(dir) == t.ceremony && slices.Contains(names, transcript.File) {
		var told int
		if told, err = t.lines(dir); told == 0 {
			names = slices.DeleteFunc(names, func(name string) bool { return name == transcript.File })
		}
	}
	if path.Base(dir) == witnessesDir {
		names = slices.DeleteFunc(names, func(name string) bool { return !bytes.Contains(t.record, []byte(path.Join(witnessesDir, name))) })
	}
	return names, err
}
