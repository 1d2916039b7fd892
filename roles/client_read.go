package roles

import (
	"errors"
	"fmt"
	"io/fs"
)

// read is fetch, unless the file was read ahead, and notes what is odd about it.
func (c *Client) read(t Type, role string, meta Meta) (*File, error) {
	got := c.ahead[role]
	if got == nil {
		got = &fetched{}
		got.file, got.err = c.fetch(t, role, meta)
	}
	got.ready.Wait()
	if got.err == nil && got.file.published != nil && meta.states() {
		c.note(NoteCanonical, got.file.Name, "%s: it is not in the canonical form that vehicles hash; publish it rewritten, its signatures stay good", got.file.Name)
	}
	return got.file, got.err
}

// fetch gets and decodes the file of a role and checks what its referrer states
// of it (Uptane Standard 2.1.0 §5.4.4.5, steps 1 and 2): in tuf before anything
// is parsed, in ota-ce of the form that vehicles hash, which takes parsing. It
// changes nothing in the client.
func (c *Client) fetch(t Type, role string, meta Meta) (*File, error) {
	limit := c.limit(t)
	if meta.Length >= 0 && (!c.format.rewrites() || t == TypeSnapshot) {
		limit = min(limit, meta.Length) // vehicles stop downloading a snapshot there
	}
	name, data, err := c.get(role, meta.Version, limit)
	if errors.Is(err, fs.ErrNotExist) {
		err = fs.ErrNotExist // whatever the source calls the file, it is named once
	}
	if err != nil {
		return nil, InFile(name, err)
	}
	if int64(len(data)) > limit {
		return nil, refused(name, "", EndlessData, "the file has %d bytes, want at most %d", len(data), limit)
	}
	if file := c.parsed(name, t, data); file != nil {
		if err := c.identify(&meta).checkPublished(file); err != nil {
			return nil, refused(name, "", MixAndMatch, "%w", err)
		}
		file.Name = name
		return file, nil
	}
	known := &sums{}
	if !c.format.rewrites() {
		if err := meta.compare(data, known); err != nil {
			return nil, refused(name, "", MixAndMatch, "%w", err)
		}
	}
	file, err := Read(c.format, t, data)
	if err != nil {
		return nil, InFile(name, err)
	}
	if file.Name = name; file.published == nil {
		file.sums = known
	}
	return file, c.checkPublished(file, meta)
}

// identify is what a file has to agree with: everything that is stated. A [Vehicle] only
// asks which file it is, and one digest tells that.
func (c *Client) identify(meta *Meta) *Meta {
	if c.seen != nil {
		return meta.identity()
	}
	return meta
}

// parsed is a file that the source has read already, from exactly this memory and
// as a file of this type.
func (c *Client) parsed(name string, t Type, data []byte) *File {
	source, ok := c.Metadata.(ParsedSource)
	if !ok || len(data) == 0 {
		return nil
	}
	file := source.File(name)
	if file == nil || file.Problem != nil || file.published != nil || file.Format != c.format || file.Body.Type() != t ||
		len(file.Raw) != len(data) || &file.Raw[0] != &data[0] {
		return nil
	}
	return file
}

// checkPublished compares the form of a file that vehicles hash with what its
// referrer states of it.
func (c *Client) checkPublished(file *File, meta Meta) error {
	if !c.format.rewrites() || !meta.states() {
		return nil
	}
	if err := meta.checkPublished(file); err != nil {
		return refused(file.Name, "", MixAndMatch, "%w", err)
	}
	return nil
}

// states says whether the content of a file is stated, beside its version.
func (m *Meta) states() bool { return m.Length >= 0 || m.Hashes.Any() }

// get gets the file of a role under the first of its names that there is.
func (c *Client) get(role string, version, limit int64) (name string, data []byte, err error) {
	if role != string(TypeRoot) && !c.Root().ConsistentSnapshot {
		version = 0 // only root is always numbered
	}
	for i, spelled := range MetadataPaths(c.format, role, version) {
		data, otherErr := c.Metadata.Get(spelled, limit)
		if i > 0 && errors.Is(otherErr, fs.ErrNotExist) {
			continue
		}
		name, err = spelled, otherErr
		if !errors.Is(err, fs.ErrNotExist) {
			return name, data, err
		}
	}
	return name, nil, err
}

func (c *Client) limit(t Type) int64 {
	limit := c.format.MaxBytes(t)
	if c.Director && t == TypeTargets {
		limit = min(limit, c.format.director().maxTargets)
	}
	return limit
}

// checkPublished is compare for the form of a file that is published, whose hashes may
// be known.
func (m *Meta) checkPublished(file *File) error {
	return m.compare(file.Published(), file.publishedSums())
}

// States says whether a file is the one that is stated here, in the form that
// vehicles hash or as it stands. One digest tells that; a [Client] holds a file to
// all that are stated.
func (m *Meta) States(file *File) bool {
	one := m.identity()
	return HeadOf(file.Body).Version == m.Version && (one.checkPublished(file) == nil || file.published != nil && one.compare(file.Raw, &sums{}) == nil)
}

// identity is what tells a file from all others.
func (m *Meta) identity() *Meta {
	one := *m
	if one.Hashes.SHA256 != nil {
		one.Hashes.SHA512 = nil
	}
	return &one
}

// compare holds a file against what snapshot or timestamp states of it.
func (m *Meta) compare(data []byte, known *sums) error {
	if m.Length >= 0 && int64(len(data)) != m.Length {
		return fmt.Errorf("the file has %d bytes, want %d", len(data), m.Length)
	}
	if !m.Hashes.Any() {
		return nil
	}
	return m.Hashes.Match(known.of(data, m.Hashes))
}
