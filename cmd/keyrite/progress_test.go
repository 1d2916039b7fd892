package main

import (
	"bytes"
	"testing"
	"time"
)

// TestMeter says how far work is, how fast, and how long it takes still, in one line
// that is never longer than the narrowest screen.
func TestMeter(t *testing.T) {
	begun := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	m := meter{what: "hashing", begun: begun}
	for _, tt := range []struct {
		done, total int64
		after       time.Duration
		want        string
	}{
		{0, 999, 0, "hashing: 0% of 999 B"},
		{50_000, 100_000, 500 * time.Millisecond, "hashing: 50% of 100 kB"},
		{250_000_000, 1_000_000_000, 2 * time.Second, "hashing: 25% of 1.0 GB, 125 MB/s, 6s left"},
		{999_000_000_000, 1_000_000_000_000, 3 * time.Hour, "hashing: 99% of 1.0 TB, 92 MB/s, 11s left"},
		{1_500_000, 1_500_000, 3 * time.Second, "hashing: 100% of 1.5 MB, 500 kB/s"},
		{0, 0, time.Second, "hashing: 0% of 0 B"},
	} {
		if got := m.line(tt.done, tt.total, begun.Add(tt.after)); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestMeterOnTheLine writes over what it wrote, and not at every part.
func TestMeterOnTheLine(t *testing.T) {
	var to bytes.Buffer
	begun := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	m := meter{to: &to, what: "x", begun: begun}
	m.show(1, 10, begun.Add(time.Second))
	m.show(2, 10, begun.Add(time.Second+time.Millisecond))
	m.show(10, 10, begun.Add(2*time.Second))
	m.end()
	if want := "\rx: 10% of 10 B, 1 B/s, 9s left\rx: 100% of 10 B, 5 B/s        \n"; to.String() != want {
		t.Errorf("got %q, want %q", to.String(), want)
	}
}
