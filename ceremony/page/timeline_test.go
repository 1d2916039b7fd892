package page

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// TestAlong holds the marks of the axis, and what lies beyond it.
func TestAlong(t *testing.T) {
	day := 24 * time.Hour
	for left, want := range map[time.Duration]float64{-day: 0, 0: 0, 12 * time.Hour: 0.04, day: 0.08, 7 * day: 0.22, 60 * day: 0.5, 365 * day: 0.9, 9999 * day: 1} {
		if got := Along(left); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", left, got, want)
		}
	}
}

// TestTimeline draws what is well, what is due, and a name that is too long.
func TestTimeline(t *testing.T) {
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	f := Timeline("caption", "alt", "words", "now", now, []Bar{
		{Name: "acme-brakes-gateway timestamp 12345", Due: now.AddDate(0, 0, 1), End: now.AddDate(0, 0, 7)},
		{Name: "root 1", End: now.AddDate(0, 0, 30)},
		{Name: "over", Due: now.AddDate(0, 0, -2), End: now.AddDate(0, 0, -1)},
	})
	var got []string
	for _, s := range f.Shapes[2*(1+len(Marks)):] {
		got = append(got, fmt.Sprintf("%s %s %.1f+%.1f %s", s.Kind, s.Text, s.X, s.W, s.Fill))
	}
	want := `label acme-brakes-gateway time… 0.0+0.0 
box  42.0+8.6 light
box  50.6+15.1 dark
label 2026-12-07 151.0+0.0 
label root 1 0.0+0.0 
box  42.0+43.2 light
label 2026-12-30 151.0+0.0 
label over 0.0+0.0 
box  42.0+0.5 light
label 2026-11-29 151.0+0.0 `
	if text := strings.Join(got, "\n"); text != want || f.High != 26 {
		t.Errorf("got %s\nwant %s", text, want)
	}
	many := make([]Bar, maxBars+1)
	if f := Timeline("", "", "", "", now, many); f.High != 8+6*maxBars {
		t.Errorf("high: got %v", f.High)
	}
}
