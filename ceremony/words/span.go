package words

import (
	"fmt"
	"strings"
	"time"
)

const Day = 24 * time.Hour

// Between is the time from now until something expires, as people say it: whole
// days, or hours below two days. It counts seconds, since metadata may expire in
// the year 9999 and a Duration ends after 292 years.
func Between(now, expires time.Time) string {
	if expires.Before(now) {
		return "expired " + Between(expires, now) + " ago"
	}
	seconds := expires.Unix() - now.Unix()
	if expires.Nanosecond() < now.Nanosecond() {
		seconds--
	}
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	switch {
	case seconds < hour:
		return Count(int(seconds/minute), "minute")
	case seconds < 2*day:
		return Count(int(seconds/hour), "hour")
	}
	return Count(int(seconds/day), "day")
}

// List is a list in one line, `none` when there is nothing in it.
func List(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// Numbers is a list of numbers in one line: 1, 2, 12.
func Numbers(list []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(list)), ", "), "[]")
}
