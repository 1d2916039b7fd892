package policies

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Lifetime is a span of time in a policy: whole days or hours, `365d` or `36h`.
// A day has 24 hours.
type Lifetime time.Duration

const day = 24 * time.Hour

var lifetimeText = regexp.MustCompile(`^([1-9][0-9]{0,3})([dh])$`)

// UnmarshalText reads the form above and nothing else.
func (l *Lifetime) UnmarshalText(text []byte) error {
	m := lifetimeText.FindSubmatch(text)
	if m == nil {
		return errors.New("want days or hours such as 365d or 36h")
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return err
	}
	unit := time.Hour
	if m[2][0] == 'd' {
		unit = day
	}
	*l = Lifetime(time.Duration(n) * unit)
	return nil
}

// MarshalText writes whole days as days and everything else as hours.
func (l Lifetime) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// String rounds down to whole hours.
func (l Lifetime) String() string {
	d := time.Duration(l)
	if d%day == 0 && d != 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return fmt.Sprintf("%dh", d/time.Hour)
}
