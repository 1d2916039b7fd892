package roles

import (
	"fmt"
	"time"
)

// Type is the kind of a metadata file. Delegated roles are of type
// TypeTargets (Uptane Standard 2.1.0 §5.1.2.1).
type Type string

const (
	TypeRoot      Type = "root"
	TypeTargets   Type = "targets"
	TypeSnapshot  Type = "snapshot"
	TypeTimestamp Type = "timestamp"
)

// TopLevel lists the four top-level roles in the order in which their metadata
// is signed: each file states something of the ones before it.
var TopLevel = []Type{TypeRoot, TypeTargets, TypeSnapshot, TypeTimestamp}

// Head is what the signed part of every file carries (Uptane Standard 2.1.0
// §5.2.1, TUF 1.0.34 §4.3-4.6).
type Head struct {
	Version int64     // 1 to 2^31-1; higher with every new file
	Expires time.Time // UTC, whole seconds; a file is expired from this second on
	// SpecVersion is the TUF specification's version as stated in the file;
	// empty in `ota-ce`, which has no such field.
	SpecVersion string
	Extra       []Member // fields that keyrite does not know, kept byte for byte
}

// Member is one unknown field: its name and its value as it stands in the file.
type Member struct {
	Name string
	Raw  []byte
}

// Body is the signed content of a file: *Root, *Targets, *Snapshot or
// *Timestamp.
type Body interface {
	Type() Type
	head() *Head
	check() error // what no file may contain, whoever made it
	write(f Format, w *writer)
}

// HeadOf returns the common part of any body.
func HeadOf(b Body) *Head { return b.head() }

// maxVersion is the largest version that every client can hold: aktualizr has
// a signed 32-bit integer.
const maxVersion = 1<<31 - 1

// timeLayout is the only spelling of a time that keyrite writes: 20 characters
// (TUF 1.0.34 §4.2.3).
const timeLayout = "2006-01-02T15:04:05Z"

// FormatTime writes a time as metadata does.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// expires reads an expiry. The `tuf` format has fractions and offsets in old
// histories (Sigstore's roots 1 to 3); ota-ce never had.
func (s *scanner) expires(lenient bool) (time.Time, error) {
	text, err := s.str()
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(timeLayout, text)
	if err != nil && lenient {
		t, err = time.Parse(time.RFC3339Nano, text)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("got %s, want a time such as 2027-01-02T03:04:05Z", Quote(text))
	}
	return t.UTC(), nil
}
