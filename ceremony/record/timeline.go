package record

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// axis is the scale of the timeline: days, and where they stand in mm. The days to
// come are wider than the months after them.
var axis = []struct{ days, at float64 }{{0, 30}, {7, 50}, {30, 75}, {90, 100}, {365, 138}, {730, 150}}

// expiry is a file with the time when it expires.
type expiry struct {
	name    string
	expires time.Time
}

// expiries are the files that are signed at the end of the ceremony, in the order
// in which they expire, the last first.
func (s *source) expiries() []expiry {
	var list []expiry
	for role, file := range s.after {
		head := roles.HeadOf(file.Body)
		list = append(list, expiry{fmt.Sprintf("%s %d", role, head.Version), head.Expires})
	}
	slices.SortFunc(list, func(a, b expiry) int {
		return cmp.Or(b.expires.Compare(a.expires), strings.Compare(a.name, b.name))
	})
	return list
}

func (s *source) end() time.Time { return s.events[len(s.events)-1].Time }

const maxBars = 24

// timeline draws how long each file lives, from the end of the ceremony.
func (s *source) timeline() *page.Figure {
	list := s.expiries()
	f := &page.Figure{
		Caption: "How long it is valid, from " + s.end().Format(layout),
		Alt:     "One bar for each signed file, from the end of the ceremony to its expiry; the dates stand at the bars.",
		Words:   s.timelineWords(list),
	}
	shown := list[max(0, len(list)-maxBars):]
	bottom := 8 + 6*float64(len(shown))
	for _, tick := range axis[:len(axis)-1] {
		f.Shapes = append(f.Shapes, page.Shape{Kind: "line", X: tick.at, Y: 4, H: bottom - 4, Dashed: true}, label("small", tick.at-1, 3, tickText(tick.days)))
	}
	for i, e := range shown {
		y := 6 + 6*float64(i)
		f.Shapes = append(f.Shapes, label("label", 0, y+3.4, cut(e.name, 17)),
			page.Shape{Kind: "box", X: axis[0].at, Y: y, W: max(0.5, place(e.expires.Sub(s.end()))-axis[0].at), H: 4.4, Fill: "light"},
			label("label", 151, y+3.4, e.expires.Format(time.DateOnly)))
	}
	f.High = bottom
	return f
}

func tickText(days float64) string {
	if days == 0 {
		return "end"
	}
	return fmt.Sprintf("%.0f d", days)
}

// place is where a time stands on the axis.
func place(left time.Duration) float64 {
	days := left.Hours() / 24
	for i := 1; i < len(axis); i++ {
		if a, b := axis[i-1], axis[i]; days < b.days {
			return a.at + max(0, days-a.days)/(b.days-a.days)*(b.at-a.at)
		}
	}
	return axis[len(axis)-1].at
}

func (s *source) timelineWords(list []expiry) string {
	var lines []string
	for _, e := range list {
		lines = append(lines, fmt.Sprintf("%-20s %s, in %s", e.name, roles.FormatTime(e.expires), words.Between(s.end(), e.expires)))
	}
	return strings.Join(lines, "\n")
}

// due says what expires first.
func (s *source) due() page.Block {
	list := s.expiries()
	if len(list) == 0 {
		return &page.Text{Text: "Nothing is signed."}
	}
	next := list[len(list)-1]
	text := fmt.Sprintf("Next due: %s expires %s, %s after this ceremony.", next.name, roles.FormatTime(next.expires), words.Between(s.end(), next.expires))
	if root := s.after["root"]; root != nil {
		text += fmt.Sprintf(" Root expires %s.", roles.FormatTime(roles.HeadOf(root.Body).Expires))
	}
	return &page.Text{Text: text, Strong: true}
}
