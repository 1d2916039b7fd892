package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

// tail is how much of a transcript is read at first to find its last line, in
// bytes.
const tail = 4 << 10

// End returns the last line of a transcript, without reading those before it: an
// ended ceremony costs the same however long it was. A last line that is not
// complete, or is none, is nil: the ceremony has not ended.
func End(f *disk.Folder, dir string) (*Event, error) {
	name := path.Join(dir, File)
	line, err := lastLine(f, name)
	if err != nil || line == nil {
		return nil, err
	}
	return endOf(name, line)
}

// IsFinished says whether the last line of a transcript is that of a finished ceremony
// which sealed no emergency kit. It looks at the line's hash and its kind, and at nothing
// else that the line says: what was signed, and who comes back to it, End says. A line
// that spells something with an escape is left to that, too.
func IsFinished(f *disk.Folder, dir string) (bool, error) {
	line, err := lastLine(f, path.Join(dir, File))
	if err != nil {
		return false, err
	}
	body, hash, whole := bytes.Cut(line, []byte(`,"hash":`))
	head, _, _ := bytes.Cut(body, []byte(`,"data":`))
	var e struct{ Event Kind }
	return whole && string(hash) == fmt.Sprintf("%q}", digest.Of(body).String()) &&
		json.Unmarshal(append(bytes.Clone(head), '}'), &e) == nil && e.Event == finishedKind && !bytes.Contains(body, []byte(`"kit":`)) && bytes.IndexByte(body, '\\') < 0, nil
}

var finishedKind = kindOf[Finished]()

// lastLine is nil where there is none that is whole.
func lastLine(f *disk.Folder, name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, disk.PathError(name, err)
	}
	for size := int64(tail); ; size *= 8 {
		part := make([]byte, min(size, info.Size()))
		if _, err := file.ReadAt(part, info.Size()-int64(len(part))); err != nil && len(part) > 0 {
			return nil, disk.PathError(name, err)
		}
		line, torn := bytes.CutSuffix(part, []byte("\n"))
		start := bytes.LastIndexByte(line, '\n') + 1
		if !torn || len(line) == 0 {
			return nil, nil
		}
		if start > 0 || int64(len(part)) == info.Size() {
			return line[start:], nil
		}
		if size > maxLine {
			return nil, nil
		}
	}
}

func endOf(name string, line []byte) (*Event, error) {
	if err := strict.LineEnds(name, append(line, '\n')); err != nil {
		return nil, err
	}
	e, err := parseEvent(line)
	if err != nil {
		return nil, changed(name+": the last line", err)
	}
	return &e, nil
}

// Ended returns what a line says of the end of its ceremony: which repository it
// was of and what it signed. ok is false for any other line.
func (e *Event) Ended() (repository string, marks []Mark, ok bool) {
	switch d := e.Data.(type) {
	case Finished:
		return d.Repository, d.Signed, true
	case Aborted:
		return d.Repository, d.Signed, true
	}
	return "", nil, false
}

// Shown says whether the hash of a line was shown in words, for the witness's paper: at
// a checkpoint, and at the end.
func (e *Event) Shown() bool {
	_, checkpoint := e.Data.(Checkpoint)
	_, _, ended := e.Ended()
	return checkpoint || ended
}

// Marks are the versions that were signed, or perhaps signed, in these events,
// the newest hash for each.
func Marks(events []Event) []Mark {
	marks := []Mark{}
	find := func(role string, version int64, sum digest.SHA256) *Mark {
		i := slices.IndexFunc(marks, func(m Mark) bool { return m.Role == role && m.Version == version })
		if i < 0 {
			marks, i = append(marks, Mark{Role: role, Version: version}), len(marks)
		}
		if !sum.IsZero() {
			marks[i].SHA256 = sum
		}
		return &marks[i]
	}
	for _, e := range events {
		switch d := e.Data.(type) {
		case Signing:
			find(d.Role, d.Version, d.SHA256)
		case Signed:
			find(d.Role, d.Version, d.SHA256).by(d)
		case Received:
			find(d.Signed.Role, d.Signed.Version, d.Signed.SHA256).by(d.Signed)
		case Written:
			find(d.Role, d.Version, digest.SHA256{}).Placed = true
		case Sealed:
			find("root", d.Version, d.SHA256).Kit = d.Kit
		}
	}
	return marks
}

// by notes a key that signed, with its newest record.
func (m *Mark) by(s Signed) {
	m.By = append(slices.DeleteFunc(m.By, func(k MarkedKey) bool { return k.Key == s.Fingerprint }), MarkedKey{s.Fingerprint, s.Record, s.RecordHash})
}

// ParseSigned reads the file of one signature: its data on one line.
func ParseSigned(name string, data []byte) (Signed, error) {
	var s Signed
	if err := strict.LineEnds(name, data); err != nil {
		return s, err
	}
	err := json.Unmarshal(data, &s)
	if err == nil {
		var again []byte
		if again, err = strict.JSON(s); err == nil && string(again)+"\n" != string(data) {
			err = errors.New("it is not spelled as keyrite spells it")
		}
	}
	if err != nil {
		return Signed{}, fault.Errorf(fault.Unverified, "%s: %w", name, err)
	}
	return s, nil
}
