package main

import (
	"fmt"
	"io"
	"time"

	"github.com/uptane/keyrite/ceremony/images"
	"golang.org/x/term"
)

// progress shows how far long work is, how fast it goes and how long it takes still,
// where stderr is a terminal. end leaves the line.
func (a *app) progress(what string) (show images.Progress, end func()) {
	if !term.IsTerminal(int(a.stderr.Fd())) {
		return nil, func() {}
	}
	m := meter{to: a.stderr, what: what, begun: time.Now()}
	return func(done, total int64) { m.show(done, total, time.Now()) }, m.end
}

// meter is one line that is written over.
type meter struct {
	to    io.Writer
	what  string
	begun time.Time
	shown time.Time // the zero value: never
	wide  int       // of what is on the line, in characters
}

// often is how long a line stays as it is.
const often = 200 * time.Millisecond

func (m *meter) show(done, total int64, now time.Time) {
	if done < total && now.Sub(m.shown) < often {
		return
	}
	line := m.line(done, total, now)
	fmt.Fprintf(m.to, "\r%-*s", m.wide, line)
	m.shown, m.wide = now, len(line)
}

// line fits 40 columns.
func (m *meter) line(done, total int64, now time.Time) string {
	line := fmt.Sprintf("%s: %d%% of %s", m.what, 100*done/max(total, 1), size(total))
	seconds := now.Sub(m.begun).Seconds()
	if seconds < 1 || done == 0 {
		return line
	}
	rate := float64(done) / seconds
	line += fmt.Sprintf(", %s/s", size(int64(rate)))
	if done < total {
		left := time.Duration(float64(total-done) / rate * float64(time.Second))
		line += fmt.Sprintf(", %s left", max(left, time.Second).Round(time.Second))
	}
	return line
}

func (m *meter) end() {
	if !m.shown.IsZero() {
		fmt.Fprintln(m.to)
	}
}

// size is a number of bytes in two or three digits.
func size(bytes int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, unit := float64(bytes), 0
	for value >= 999.5 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if value < 9.95 && unit > 0 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}
