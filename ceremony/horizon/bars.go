package horizon

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
)

// Bar draws when a thing is due on a line of that many columns: = until it is due, !
// until it expires, and | at 1, 7, 30, 90 and 365 days.
func (h *Horizon) Bar(i Item, columns int) string {
	end := i.Expires
	if end.Before(i.By) {
		end = i.By
	}
	at := func(t time.Time) int { return int(page.Along(t.Sub(h.At)) * float64(columns)) }
	line := []rune(fmt.Sprintf("%*s", columns, ""))
	for c := range line {
		switch {
		case c < at(i.By):
			line[c] = '='
		case c < at(end):
			line[c] = '!'
		}
	}
	for _, days := range page.Marks {
		line[at(h.At.Add(time.Duration(days)*words.Day))] = '|'
	}
	return string(line)
}

// Scale is the head of such lines.
func Scale(columns int) string {
	line := []rune(fmt.Sprintf("%*s", columns, ""))
	copy(line, []rune("now"))
	for _, days := range page.Marks[1:] { // a day stands too near to now
		c := int(page.Along(time.Duration(days)*words.Day) * float64(columns))
		copy(line[c:], []rune(fmt.Sprintf("%dd", days)))
	}
	return string(line)
}
