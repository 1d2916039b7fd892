package words

import (
	"testing"
	"time"
)

func TestBetween(t *testing.T) {
	date := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	now := date(2026, 11, 30)
	for _, test := range []struct {
		now, expires time.Time
		want         string
	}{
		{now, now, "0 minutes"},
		{now, now.Add(time.Minute), "1 minute"},
		{now, now.Add(time.Hour - 1), "59 minutes"},
		{now, now.Add(time.Hour), "1 hour"},
		{now, now.Add(2*Day - 1), "47 hours"},
		{now.Add(1), now.Add(2 * Day), "47 hours"},
		{now.Add(1), now.Add(2*Day + 1), "2 days"},
		{now, now.Add(2 * Day), "2 days"},
		{now, now.Add(3*Day - 1), "2 days"},
		{now.Add(3 * Day), now, "expired 3 days ago"},
		{now.Add(1), now, "expired 0 minutes ago"},
		{now, date(2319, 1, 1), "106682 days"},
		{now, date(9999, 12, 31), "2912109 days"},
		{date(9999, 12, 31), now, "expired 2912109 days ago"},
		{date(1, 1, 1), date(9999, 12, 31), "3652058 days"},
		{date(9999, 12, 31), time.Time{}, "expired 3652058 days ago"},
		{now.In(time.FixedZone("CET", 3600)), now.Add(3 * Day), "3 days"},
	} {
		if got := Between(test.now, test.expires); got != test.want {
			t.Errorf("%s to %s: got %s, want %s", test.now, test.expires, got, test.want)
		}
	}
	for d, want := range map[time.Duration]string{
		0:                      "0 minutes",
		59 * time.Minute:       "59 minutes",
		time.Hour:              "1 hour",
		48*time.Hour - 1:       "47 hours",
		48 * time.Hour:         "2 days",
		-3 * Day:               "expired 3 days ago",
		365*Day + 23*time.Hour: "365 days",
	} {
		if got := Between(now, now.Add(d)); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

func TestList(t *testing.T) {
	for want, list := range map[string][]string{"none": nil, "a": {"a"}, "a, b": {"a", "b"}} {
		if got := List(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for want, list := range map[string][]int{"": nil, "3": {3}, "3, 17": {3, 17}} {
		if got := Numbers(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
