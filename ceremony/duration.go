package ceremony

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Duration is a lifetime in a file that people write: whole days or hours,
// `365d` or `36h`, at least one hour and less than 10,000 days. A day has 24
// hours; months and years are left out because they have no fixed length.
type Duration time.Duration

const day = 24 * time.Hour

var durationText = regexp.MustCompile(`^([1-9][0-9]{0,3})([dh])$`)

// UnmarshalText reads the form above and nothing else.
func (d *Duration) UnmarshalText(text []byte) error {
	m := durationText.FindSubmatch(text)
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
	*d = Duration(time.Duration(n) * unit)
	return nil
}

// MarshalText writes whole days as days and everything else as hours.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string {
	if time.Duration(d)%day == 0 {
		return fmt.Sprintf("%dd", time.Duration(d)/day)
	}
	return fmt.Sprintf("%dh", time.Duration(d)/time.Hour)
}
