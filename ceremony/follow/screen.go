package follow

import (
	"fmt"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/record"
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

// Draw fits a screen of that size, in columns and rows: the oldest of what is done is
// left out first. No line is longer than the screen, and none breaks within a word
// that fits.
func (s Screen) Draw(events []transcript.Event, now time.Time, width, height int) string {
	top, foot := s.top(events, width), s.foot(events, now, width)
	room := max(0, height-1-lines(top)-lines(foot))
	var done []string
	for _, e := range events {
		if isDone(e) {
			done = append(done, page.Fill(fmt.Sprintf("%3d  %s  ", e.Step, e.Time.Format(time.TimeOnly)), record.Say(e.Data), width))
		}
	}
	for lines(strings.Join(done, "")) > room && len(done) > 0 {
		done = done[1:]
	}
	middle := strings.Join(done, "")
	return top + middle + strings.Repeat("\n", max(0, room-lines(middle))) + foot
}

func lines(text string) int { return strings.Count(text, "\n") }

// top says which ceremony this is, and how far it is.
func (s Screen) top(events []transcript.Event, width int) string {
	title := s.Plan.Fleet + " · " + s.Name
	if s.Fake {
		title = "FAKE · " + title
	}
	return page.Fill("", title+" · "+s.step(events), width) + page.Fill("", "for those who watch: nothing that is typed here reaches the ceremony", width) + "\n"
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
func (s Screen) foot(events []transcript.Event, now time.Time, width int) string {
	var b strings.Builder
	b.WriteString("\n")
	if len(events) == 0 {
		b.WriteString(page.Fill("now    ", "waiting for the first line", width))
		return b.String()
	}
	last := events[len(events)-1]
	b.WriteString(page.Fill("now    ", last.Time.Format(time.TimeOnly)+"  "+record.Say(last.Data), width))
	if line, head, shown := shownHead(events); shown {
		b.WriteString(page.Fill("paper  ", fmt.Sprintf("head of line %d:", line), width))
		b.WriteString(page.Fill("       ", head, width))
	}
	chain := fmt.Sprintf("%s verified, %s UTC", words.Count(len(events), "line"), now.Format(time.TimeOnly))
	b.WriteString(page.Fill("chain  ", chain, width))
	return b.String()
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
	case transcript.Generated, transcript.Reviewed, transcript.Signed, transcript.Written, transcript.Verified, transcript.Destroyed, transcript.Failed:
		return true
	}
	return false
}

// Line is one event for a screen that cannot be drawn on, and for the file that
// follows.
func Line(e transcript.Event, width int) string {
	step := ""
	if e.Step > 0 {
		step = fmt.Sprint(e.Step)
	}
	text := page.Fill(fmt.Sprintf("%4d  %s  %4s  %-8s  ", e.Seq, e.Time.Format(time.TimeOnly), step, words.Line(e.Actor)), record.Say(e.Data), width)
	if e.Shown() {
		text += page.Fill("      head  ", e.Hash.WordText(), width)
	}
	return text
}
