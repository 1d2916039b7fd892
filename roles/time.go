package roles

import (
	"fmt"
	"regexp"
	"time"
)

// timeLayout is the only spelling of a time that keyrite writes: 20 characters
// (TUF 1.0.34 §4.2.3).
const timeLayout = "2006-01-02T15:04:05Z"

// FormatTime writes a time as metadata does.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// spelledWithMore is a time with a fraction or an offset, as in Sigstore's
// roots 1 to 3. Go's parser takes more than that: a comma before the fraction
// and hours of one digit.
var spelledWithMore = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`)

// oldLayouts are what Inspect takes besides.
var oldLayouts = []string{timeLayout, time.RFC3339Nano, "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05"}

// expires reads an expiry: exactly as FormatTime writes it, and in the `tuf`
// format also with a fraction or an offset, which stand in old histories.
func (s *scanner) expires(f Format, h *Head) error {
	text, err := s.str()
	if err != nil {
		return err
	}
	t, err := time.Parse(timeLayout, text)
	if err == nil && FormatTime(t) == text {
		h.Expires = t
		return nil
	}
	if t, err = parseOddTime(f, text, s.lenient); err != nil {
		return fmt.Errorf("got %s, want a time such as 2027-01-02T03:04:05Z", Quote(text))
	}
	h.Expires, h.SpelledExpires = t.UTC(), text
	return nil
}

func parseOddTime(f Format, text string, lenient bool) (t time.Time, err error) {
	layouts := oldLayouts
	if !lenient {
		if layouts = []string{time.RFC3339Nano}; !f.lenientTime() || !spelledWithMore.MatchString(text) {
			return t, fmt.Errorf("unknown spelling")
		}
	}
	for _, layout := range layouts {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// spelled is the expiry as the file has it.
func (h *Head) spelled() string {
	if h.SpelledExpires != "" {
		return h.SpelledExpires
	}
	return FormatTime(h.Expires)
}

// checkTime refuses an expiry that 20 characters cannot state. A fraction of a
// second is never written.
func checkTime(t time.Time) error {
	if text := FormatTime(t); len(text) != len(timeLayout) {
		return fieldf("expires", "got %s, want a time such as 2027-01-02T03:04:05Z", text)
	}
	return nil
}
