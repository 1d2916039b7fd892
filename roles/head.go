package roles

import "time"

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
	// SpelledExpires is the expiry as a file spells it where it is not spelled
	// as keyrite writes it; empty elsewhere.
	SpelledExpires string
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

// MaxVersion is the largest version that every client can hold: aktualizr has
// a signed 32-bit integer.
const MaxVersion = 1<<31 - 1
