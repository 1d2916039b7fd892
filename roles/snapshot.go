package roles

import (
	"crypto/sha256"
	"crypto/sha512"
	"slices"
	"strings"
)

// Snapshot names the version of every targets file of a repository, so that no
// mix of old and new ones is taken (Uptane Standard 2.1.0 §5.2.4, TUF 1.0.34
// §4.4).
type Snapshot struct {
	Head
	Meta []Meta // by name, ascending
}

// Timestamp names the current snapshot (Uptane Standard 2.1.0 §5.2.5, TUF
// 1.0.34 §4.6).
type Timestamp struct {
	Head
	Snapshot Meta
}

// Meta is what snapshot and timestamp say of another file.
type Meta struct {
	Name    string // `targets.json`, without version or folder
	Version int64
	Length  int64  // bytes, -1 when not stated
	Hashes  Hashes // of the whole file as it is published; none when not stated
	Extra   []Member
}

// MetaOf states the file of a role as snapshot and timestamp do, with version,
// length and hashes of its published form: every client takes them, and the
// length lifts the clients' own caps.
func MetaOf(role string, file *File) Meta {
	return Meta{Name: role + ".json", Version: HeadOf(file.Body).Version, Length: int64(len(file.Published())), Hashes: file.hashes(bothHashes)}
}

// bothHashes lists what keyrite states of a file.
var bothHashes = Hashes{SHA256: new([sha256.Size]byte), SHA512: new([sha512.Size]byte)}

// hashes are those of the published form, as far as they are listed.
func (file *File) hashes(listed Hashes) Hashes {
	return file.publishedSums().of(file.Published(), listed)
}

func (file *File) publishedSums() *sums {
	file.mu.Lock()
	defer file.mu.Unlock()
	if file.sums == nil {
		file.sums = &sums{}
	}
	return file.sums
}

// SHA256 is the digest of the file as it stands.
func (file *File) SHA256() [sha256.Size]byte {
	if file.published == nil { // it is published as it stands
		return file.publishedSums().sha256(file.Raw)
	}
	return sha256.Sum256(file.Raw)
}

// Summed tells a file the SHA-256 of its bytes, which who read it has computed.
func (file *File) Summed(sum [sha256.Size]byte) {
	if file.published == nil {
		s := file.publishedSums()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.known.SHA256 = &sum
	}
}

func (*Snapshot) Type() Type     { return TypeSnapshot }
func (s *Snapshot) head() *Head  { return &s.Head }
func (*Snapshot) check() error   { return nil }
func (*Timestamp) Type() Type    { return TypeTimestamp }
func (t *Timestamp) head() *Head { return &t.Head }
func (*Timestamp) check() error  { return nil }

// Find returns what snapshot says of the file of a role, nil when it does not
// list it.
func (s *Snapshot) Find(role string) *Meta { return s.find(role + ".json") }

func (s *Snapshot) find(name string) *Meta {
	i, ok := slices.BinarySearchFunc(s.Meta, name, func(m Meta, name string) int { return strings.Compare(m.Name, name) })
	if !ok {
		return nil
	}
	return &s.Meta[i]
}

func (s *scanner) snapshot(f Format, body *Snapshot) error {
	var seen fields
	err := s.object(func(name []byte) (err error) {
		if string(name) == "meta" {
			seen.add("meta")
			body.Meta, err = s.metas()
			return err
		}
		return s.headField(f, TypeSnapshot, &body.Head, &seen, name)
	})
	if err != nil {
		return err
	}
	if err := seen.need("_type", "expires", "meta", "version"); err != nil {
		return err
	}
	if body.Find("targets") == nil && !s.lenient {
		return fieldf("meta", "targets.json is missing")
	}
	return nil
}

func (s *scanner) timestamp(f Format, body *Timestamp) error {
	var metas []Meta
	var seen fields
	err := s.object(func(name []byte) (err error) {
		if string(name) == "meta" {
			seen.add("meta")
			metas, err = s.metas()
			return err
		}
		return s.headField(f, TypeTimestamp, &body.Head, &seen, name)
	})
	if err != nil {
		return err
	}
	if err := seen.need("_type", "expires", "meta", "version"); err != nil {
		return err
	}
	i := slices.IndexFunc(metas, func(m Meta) bool { return m.Name == "snapshot.json" })
	if i < 0 || len(metas) > 1 && !s.lenient {
		return fieldf("meta", "want exactly one entry, snapshot.json (TUF 1.0.34 §4.6)")
	}
	body.Snapshot = metas[i]
	if s.lenient {
		return nil
	}
	return f.checkTimestamp(body.Snapshot)
}

func (s *scanner) metas() (metas []Meta, err error) {
	err = s.object(func(name []byte) error {
		m := Meta{Name: string(name), Length: -1}
		version := false
		err := s.object(func(name []byte) (err error) {
			switch string(name) {
			case "version":
				version = true
				m.Version, err = s.integer(s.least(1))
			case "length":
				m.Length, err = s.integer(0)
			case "hashes":
				m.Hashes, err = s.hashes()
			default:
				err = s.keep(&m.Extra, name)
			}
			return err
		})
		if err == nil && !version {
			err = fieldf("version", "the field is missing")
		}
		metas = append(metas, m)
		return err
	})
	slices.SortFunc(metas, func(a, b Meta) int { return strings.Compare(a.Name, b.Name) })
	return metas, err
}

func (s *Snapshot) write(f Format, w *writer) { w.metaFile(f, TypeSnapshot, &s.Head, s.Meta) }
func (t *Timestamp) write(f Format, w *writer) {
	w.metaFile(f, TypeTimestamp, &t.Head, []Meta{t.Snapshot})
}

func (w *writer) metaFile(f Format, t Type, h *Head, metas []Meta) {
	w.object(h.Extra, func() {
		w.field("_type").text(f.typeName(t))
		w.field("expires").text(FormatTime(h.Expires))
		w.field("meta").object(nil, func() {
			for _, m := range metas {
				w.meta(m)
			}
		})
		w.spec(f)
		w.field("version").integer(h.Version)
	})
}

func (w *writer) meta(m Meta) {
	w.field(m.Name).object(m.Extra, func() {
		if m.Hashes.Any() {
			w.field("hashes").hashes(m.Hashes)
		}
		if m.Length >= 0 {
			w.field("length").integer(m.Length)
		}
		w.field("version").integer(m.Version)
	})
}
