package follow

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/tell"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// Screen is one picture of a ceremony: what is done, what happens now, the head that
// the witness's paper should have.
type Screen struct {
	Plan *plan.Plan
	Name string // of the transcript: CEREMONY/SITE
	Fake bool   // it is a rehearsal
}

// Draw fits a terminal: the oldest of what is done is left out first. It is one row
// less high than the terminal, for the cursor.
func (s Screen) Draw(events []transcript.Event, now time.Time, t screen.Terminal) screen.Text {
	top, foot := s.top(events), s.foot(events, now)
	room := max(0, t.Height-1-t.Rows(top)-t.Rows(foot))
	var done screen.Text
	for _, e := range events {
		if isDone(e) {
			done = append(done, line(fmt.Sprintf("%3d  %s  ", e.Step, e.Time.Format(time.TimeOnly)), tell.Event(e.Data), styleOf(e)))
		}
	}
	for t.Rows(done) > room && len(done) > 0 {
		done = done[1:]
	}
	return screen.Join(top, done, make(screen.Text, max(0, room-t.Rows(done))), foot)
}

// line is a head, and a text in a style that hangs below itself.
func line(head, text string, style screen.Style) screen.Line {
	return screen.Line{Spans: []screen.Span{{Text: head}, {Text: text, Style: style}}, Hang: utf8.RuneCountInString(head)}
}

// styleOf is how what a line says is set, as run sets it: green where a signature
// was verified.
func styleOf(e transcript.Event) screen.Style {
	switch e.Data.(type) {
	case transcript.Generated, transcript.Signed, transcript.Written, transcript.Sealed, transcript.Verified:
		return screen.Good
	case transcript.Failed, transcript.Aborted:
		return screen.Bad
	case transcript.Declined, transcript.Mistyped, transcript.Exception, transcript.Left:
		return screen.Warn
	}
	return screen.Plain
}

// top says which ceremony this is, and how far it is.
func (s Screen) top(events []transcript.Event) screen.Text {
	title := screen.Line{Spans: []screen.Span{{Text: s.Plan.Fleet + " · " + s.Name + " · "}, {Text: s.step(events), Style: screen.Strong}}, Hang: 2}
	if s.Fake {
		title.Spans = append([]screen.Span{{Text: "FAKE", Style: screen.Bad}, {Text: " · "}}, title.Spans...)
	}
	return screen.Join(screen.Text{title}, screen.Plainly("for those who watch: nothing that is typed here reaches the ceremony"), screen.Blank)
}

// step is the one that is under way.
func (s Screen) step(events []transcript.Event) string {
	if len(events) == 0 {
		return "not begun yet"
	}
	last := events[len(events)-1]
	if _, _, ended := last.Ended(); ended {
		return string(last.Event)
	}
	at := 0
	for _, e := range events {
		if e.Step > 0 {
			at = e.Step
		}
	}
	if at == 0 || at > len(s.Plan.Steps) {
		return "before step 1"
	}
	return s.Plan.Heading(s.Plan.Steps[at-1])
}

// foot is what happens now, and what the paper should have.
func (s Screen) foot(events []transcript.Event, now time.Time) screen.Text {
	if len(events) == 0 {
		return screen.Join(screen.Blank, screen.Plainly("now    waiting for the first line"))
	}
	last := events[len(events)-1]
	text := screen.Text{{}, line("now    ", last.Time.Format(time.TimeOnly)+"  "+tell.Event(last.Data), styleOf(last))}
	if seq, head, shown := shownHead(events); shown {
		text = append(text, line("paper  ", fmt.Sprintf("head of line %d:", seq), screen.Plain), line("       ", head, screen.Strong))
	}
	chain := fmt.Sprintf("%s verified, %s UTC", words.Count(len(events), "line"), now.Format(time.TimeOnly))
	return append(text, line("chain  ", chain, screen.Plain))
}

func shownHead(events []transcript.Event) (line int, words string, shown bool) {
	for _, e := range events {
		if e.Shown() {
			line, words, shown = e.Seq, e.Hash.WordText(), true
		}
	}
	return line, words, shown
}

// isDone says whether a line says that something was done.
func isDone(e transcript.Event) bool {
	switch e.Data.(type) {
	case transcript.Generated, transcript.Reviewed, transcript.Signed, transcript.Written, transcript.Sealed, transcript.Verified, transcript.Destroyed, transcript.Failed:
		return true
	}
	return false
}

// Line is one event for a screen that cannot be drawn on, and for the file that
// follows.
func Line(e transcript.Event) screen.Text {
	step := ""
	if e.Step > 0 {
		step = fmt.Sprint(e.Step)
	}
	text := screen.Text{line(fmt.Sprintf("%4d  %s  %4s  %-8s  ", e.Seq, e.Time.Format(time.TimeOnly), step, words.Line(e.Actor)), tell.Event(e.Data), styleOf(e))}
	if e.Shown() {
		text = append(text, line("      head  ", e.Hash.WordText(), screen.Strong))
	}
	return text
}
