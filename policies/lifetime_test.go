package policies

import (
	"testing"
	"time"
)

func TestLifetime(t *testing.T) {
	for _, test := range []struct {
		text string
		want time.Duration // 0: refused
		back string
	}{
		{"365d", 365 * 24 * time.Hour, "365d"},
		{"36h", 36 * time.Hour, "36h"},
		{"24h", 24 * time.Hour, "1d"},
		{"9999d", 9999 * 24 * time.Hour, "9999d"},
		{"0d", 0, ""}, {"01d", 0, ""}, {"-1d", 0, ""}, {"1.5d", 0, ""}, {"1y", 0, ""},
		{"10000d", 0, ""}, {"30", 0, ""}, {"1h30m", 0, ""}, {"1d ", 0, ""}, {"", 0, ""},
	} {
		var d Lifetime
		err := d.UnmarshalText([]byte(test.text))
		if (err == nil) != (test.want != 0) || time.Duration(d) != test.want {
			t.Errorf("%q: got %v and %v, want %v", test.text, time.Duration(d), err, test.want)
		}
		if err == nil && d.String() != test.back {
			t.Errorf("%q: is written as %q, want %q", test.text, d, test.back)
		}
	}
}
