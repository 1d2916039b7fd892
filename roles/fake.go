package roles

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// FakeField is the field of a signed part that says that nothing in it is meant.
// Clients keep and ignore fields that they do not know (TUF 1.0.34 §4.2), so that
// it can be in any file, and no signature of the file is good without it.
const FakeField = "FAKE"

// Fake is what the files of a rehearsal say of themselves in their signed parts.
type Fake struct {
	Of      string    `json:"of"`      // the ceremony that is rehearsed
	Expires time.Time `json:"expires"` // when the file would expire, were it meant
}

// MarkFake has a body say that it is one of a rehearsal.
func MarkFake(b Body, f Fake) error {
	raw, err := json.Marshal(struct {
		Expires string `json:"expires"`
		Of      string `json:"of"`
	}{FormatTime(f.Expires), f.Of}) // in canonical order
	if err != nil {
		return err
	}
	h := b.head()
	h.Extra = append(meant(h.Extra), Member{Name: FakeField, Raw: raw})
	return nil
}

// FakeOf returns what a body says of the rehearsal that it is of; nil where it is
// meant. Whatever stands in the field, the body is none that is meant.
func FakeOf(b Body) *Fake {
	extra := b.head().Extra
	i := slices.IndexFunc(extra, func(m Member) bool { return m.Name == FakeField })
	if i < 0 {
		return nil
	}
	f := new(Fake)
	if err := json.Unmarshal(extra[i].Raw, f); err != nil {
		return &Fake{Of: fmt.Sprintf("unknown (%.40s)", extra[i].Raw)}
	}
	return f
}

// AsIfMeant is a body as it would be outside of its rehearsal: with the expiry that
// it would have, and without the mark. The keys stay those of the rehearsal.
func AsIfMeant(b Body) Body {
	fake := FakeOf(b)
	if fake == nil {
		return b
	}
	copied := shallow(b)
	h := copied.head()
	h.Extra = meant(h.Extra)
	if !fake.Expires.IsZero() {
		h.Expires, h.SpelledExpires = fake.Expires, ""
	}
	return copied
}

func shallow(b Body) Body {
	switch b := b.(type) {
	case *Root:
		c := *b
		return &c
	case *Targets:
		c := *b
		return &c
	case *Snapshot:
		c := *b
		return &c
	case *Timestamp:
		c := *b
		return &c
	}
	return b
}

// meant are the unknown fields but for the mark.
func meant(extra []Member) []Member {
	return slices.DeleteFunc(slices.Clone(extra), func(m Member) bool { return m.Name == FakeField })
}
