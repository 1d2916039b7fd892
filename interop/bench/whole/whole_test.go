package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestInTurn: a trial that fails once is asked no more and named; the others go on, and
// the median of CPU time counts.
func TestInTurn(t *testing.T) {
	b := &bench{table: newTable()}
	calls, bad := 0, errors.New("bad")
	counts := trial{keyrite, func() ([]part, error) {
		calls++
		return []part{{"count", sample{cpu: time.Duration(calls*calls) * time.Second, wall: time.Duration(calls), rss: 1}}}, nil
	}}
	asked := 0
	fails := trial{"peer", func() ([]part, error) { asked++; return nil, bad }}
	if err := b.inTurn(small, 3, counts, fails); err != nil {
		t.Errorf("got %v, though keyrite's trial did not fail", err)
	}
	if got, want := b.table.found[key{small, "count", keyrite}], (sample{4 * time.Second, 1, 1}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if asked != 1 || len(b.table.failed) != 1 || !strings.Contains(b.table.failed[0], "peer: bad") || b.table.refused != 0 {
		t.Errorf("asked %d times, failed: %q", asked, b.table.failed)
	}
	fails.by = keyrite
	if err := b.inTurn(small, 1, fails, counts); err != bad || b.table.refused != 1 {
		t.Errorf("got %v, %d failures of keyrite; want %v, 1", err, b.table.refused, bad)
	}
}

func TestGoalPrint(t *testing.T) {
	table := newTable()
	for _, c := range []struct {
		goal
		want string
	}{
		{goal{"a", 1, atMost, 2}, "| a\t| 1.00\t| at most 2\t| met\t|\n"},
		{goal{"a", 2.5, atMost, 2}, "| a\t| 2.50\t| at most 2\t| missed\t|\n"},
		{goal{"a", 60, atLeast, 50}, "| a\t| 60.00\t| at least 50\t| met\t|\n"},
		{goal{"a", 6, atLeast, 50}, "| a\t| 6.00\t| at least 50\t| missed\t|\n"},
		{goal{"a", table.timesFloor(small, status), atMost, 2}, "| a\t| NaN\t| at most 2\t| not measured\t|\n"},
		{goal{"a", 50, atLeast, 50}, "| a\t| 50.00\t| at least 50\t| met\t|\n"},
		{goal{"a", 2, atMost, 2}, "| a\t| 2.00\t| at most 2\t| met\t|\n"},
	} {
		var out strings.Builder
		c.goal.print(&out)
		if out.String() != c.want {
			t.Errorf("%v: got %q, want %q", c.goal, out.String(), c.want)
		}
	}
}

// TestEach takes the difference of two first ceremonies apart.
func TestEach(t *testing.T) {
	table := newTable()
	table.add(key{small, firstCeremony, keyrite}, sample{cpu: 2 * time.Second})
	table.add(key{few, firstCeremony, keyrite}, sample{cpu: 7 * time.Second})
	if got := table.each(small, few); got != 0.25 {
		t.Errorf("got %v s for one delegation more, want 0.25", got)
	}
}

func TestNumbers(t *testing.T) {
	if got, err := numbers("1000,20"); err != nil || !slices.Equal(got, []int{1000, 20}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := numbers(""); err != nil || got != nil {
		t.Errorf("got %v, %v, want none", got, err)
	}
	for _, bad := range []string{"0", "-1", "many", "1 000"} {
		if got, err := numbers(bad); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
}
