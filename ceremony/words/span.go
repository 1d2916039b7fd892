package words

import (
	"fmt"
	"strings"
	"time"
)

const Day = 24 * time.Hour

// Span is a span of time as people say it: whole days, or hours below two
// days.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "expired " + Span(-d) + " ago"
	case d < time.Hour:
		return several(d/time.Minute, "minute")
	case d < 2*Day:
		return several(d/time.Hour, "hour")
	}
	return several(d/Day, "day")
}

func several(n time.Duration, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

func List(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
