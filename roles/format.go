package roles

import (
	"fmt"
	"time"
)

// Format is one of the two wire formats of metadata. The Uptane Standard fixes
// the content of metadata, not its encoding (2.1.0 §5.2); everything that the
// encodings do differently is behind this interface.
type Format interface {
	// Name is the format's name in trust.yaml: "tuf" or "ota-ce".
	Name() string
	// Canonical returns the bytes that signatures cover, made from the JSON
	// text of a `signed` object.
	Canonical(signed []byte) ([]byte, error)
	// MetadataPath is where a role's file lies in the metadata folder. Version
	// 0 means that the repository does not number its files (TUF 1.0.34 §6.2).
	MetadataPath(role string, version int64) string
	// NewestRootPath is a second name under which the newest root is published,
	// "" when the format has none.
	NewestRootPath() string
	// ImagePaths lists where an image lies in the targets folder: once for
	// each listed hash in tuf (Uptane Standard 2.1.0 §5.2.7), its own path in
	// ota-ce.
	ImagePaths(image Image) []string
	// MaxBytes is the largest file of a type that the format's clients take.
	MaxBytes(t Type) int64

	spec() string                     // spec_version to write, "" for none
	consistentSnapshot() bool         // what root says of it
	typeName(t Type) string           // spelling of _type
	lenientTime() bool                // expires may have a fraction or an offset when read
	verbatim(s *scanner) bool         // what s has read is canonical as it stands
	rewrites() bool                   // a file is published and hashed in its canonical form
	form() form                       // how the file spells strings
	newKey(k Key) (Key, error)        // sets ID and record for writing
	readKey(r keyRecord) (Key, error) // an error refuses the whole file
	keyID(k Key, canonical []byte) []KeyID
	method(k Key) string // ota-ce's `method`, "" for none
	encodeSignature(value []byte) string
	decodeSignature(s Signature, text string) (Signature, error)
	imageHashes(h Hashes) Hashes        // those that a targets file may list
	checkTimestamp(snapshot Meta) error // what timestamp must state of snapshot
	director() directorRules
	matchPath(pattern, path string) bool // a delegation's pattern covers an image's path
	emptyDelegations() bool              // null and {} are no delegations
	maxLevels() int                      // of delegations that clients follow
	checkText(text []byte) error         // what names and custom data may hold when written
	examine(b Body, o *objector)         // what vehicles and servers have against a content
	examineSignature(b Body, s Signature, field string, o *objector)
	complete(image Image, previous *Image, at time.Time) (Image, error)
}

// directorRules are what a format's vehicles do with a Director.
type directorRules struct {
	targetsAlone bool  // timestamp and snapshot may be missing
	maxTargets   int64 // bytes of the targets file
	atTop        bool  // secondaries that verify fully follow no delegation
}

// Formats lists the wire formats.
var Formats = []Format{TUF, OTACE}

// FormatByName returns the format of that name.
func FormatByName(name string) (Format, error) {
	for _, f := range Formats {
		if f.Name() == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("format is %q, want tuf or ota-ce", name)
}

// keyRecord is a key object as read, before the format interprets it.
type keyRecord struct {
	id      KeyID
	keytype string
	scheme  string
	public  string
	raw     []byte
}

// key reads one key object.
func (s *scanner) key(f Format, id string) (Key, error) {
	r := keyRecord{id: KeyID(id)}
	var seen fields
	s.peek()
	start := s.pos
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "keytype":
			seen.add("keytype")
			r.keytype, err = s.str()
		case "scheme":
			r.scheme, err = s.str()
		case "keyval":
			err = s.object(func(name []byte) (err error) {
				if string(name) == "public" {
					seen.add("keyval.public")
					r.public, err = s.str()
					return err
				}
				_, err = s.skip()
				return err
			})
		default:
			_, err = s.skip()
		}
		return err
	})
	if err != nil {
		return Key{}, err
	}
	if err := seen.need("keytype", "keyval.public"); err != nil {
		return Key{}, err
	}
	r.raw = s.data[start:s.pos]
	k, err := f.readKey(r)
	if err != nil && s.lenient {
		k, err = Key{Problem: err}, nil
	}
	k.ID, k.record = r.id, r.raw
	return k, err
}

// CheckID compares a listed key id with the recomputed one (TUF 1.0.34 §4.2.1).
// A wrong id is a finding, not a reason to refuse: thresholds count key
// material, and real histories have wrong ids (Sigstore's root 11, the output
// of uptane-generator).
func (k Key) CheckID(f Format) error {
	canonical, err := f.Canonical(k.record)
	if err != nil || k.Problem != nil {
		return err
	}
	want := f.keyID(k, canonical)
	for _, id := range want {
		if id == k.ID {
			return nil
		}
	}
	return fmt.Errorf("key id is %s, want %s", k.ID, want[0])
}
