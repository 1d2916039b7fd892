package people

import (
	"time"

	"github.com/uptane/keyrite/ceremony/screen"
)

// Table is the roll as it is shown: who is here, and who is not.
func (r *Roll) Table() screen.Table {
	t := screen.Table{Head: []string{"part", "name", "here"}}
	for _, p := range r.people {
		here := screen.Span{Text: "since " + p.Since.UTC().Format("15:04 UTC")}
		if !p.Until.IsZero() {
			here = screen.Span{Text: "left " + p.Until.UTC().Format("15:04 UTC"), Style: screen.Warn}
		}
		t.Rows = append(t.Rows, screen.Row{Cells: []screen.Span{{Text: p.Part.Name}, {Text: p.Name, Style: screen.Strong}, here}})
	}
	for _, part := range r.Missing(func(Part) bool { return true }) {
		t.Rows = append(t.Rows, screen.Row{Cells: []screen.Span{{Text: part.Name}, {Text: "nobody", Style: screen.Warn}, {}}})
	}
	return t
}

// Left is when a part was last left; zero when nobody had it.
func (r *Roll) Left(part string) (when time.Time) {
	for _, p := range r.people {
		if same(p.Part.Name, part) && p.Until.After(when) {
			when = p.Until
		}
	}
	return when
}
