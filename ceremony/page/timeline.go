package page

import (
	"fmt"
	"time"
)

// Bar is one line of a timeline: something that is well until Due and is over at End.
// Without a Due it is well until its end.
type Bar struct {
	Name     string
	Due, End time.Time
}

// Marks are the days before an end that a timeline marks.
var Marks = []int{1, 7, 30, 90, 365}

// axis is the scale of a timeline: days, and how far along they stand. The days to
// come are wider than the months after them.
var axis = []struct{ days, at float64 }{{0, 0}, {1, 0.08}, {7, 0.22}, {30, 0.4}, {90, 0.6}, {365, 0.9}, {730, 1}}

// Along is how far along a timeline stands what is that far away, from 0 to 1.
func Along(left time.Duration) float64 {
	days := left.Hours() / 24
	for i := 1; i < len(axis); i++ {
		if a, b := axis[i-1], axis[i]; days < b.days {
			return a.at + max(0, days-a.days)/(b.days-a.days)*(b.at-a.at)
		}
	}
	return 1
}

const (
	timelineLeft = 42.0 // mm, where the axis begins
	timelineWide = 108.0
	maxBars      = 24
	maxBarName   = 25 // characters
)

// Timeline draws bars from now on, at most 24 of them: the last. start is what the
// beginning is called.
func Timeline(caption, alt, words, start string, now time.Time, bars []Bar) *Figure {
	f := &Figure{Caption: caption, Alt: alt, Words: words}
	shown := bars[max(0, len(bars)-maxBars):]
	f.High = 8 + 6*float64(len(shown))
	tick := func(at float64, text string) {
		x := timelineLeft + at*timelineWide
		f.Shapes = append(f.Shapes, Shape{Kind: "line", X: x, Y: 4, H: f.High - 4, Dashed: true}, Shape{Kind: "small", X: x - 1, Y: 3, Text: text})
	}
	tick(0, start)
	for _, days := range Marks {
		tick(Along(time.Duration(days)*24*time.Hour), fmt.Sprintf("%d d", days))
	}
	for i, b := range shown {
		f.Shapes = append(f.Shapes, b.shapes(now, 6+6*float64(i))...)
	}
	return f
}

// shapes are the name, what is well, what is due, and the date of the end.
func (b Bar) shapes(now time.Time, y float64) []Shape {
	due, end := b.Due, b.End
	if due.IsZero() || due.After(end) {
		due = end
	}
	from, to := Along(due.Sub(now))*timelineWide, Along(end.Sub(now))*timelineWide
	name := []rune(b.Name)
	if len(name) > maxBarName {
		name = append(name[:maxBarName-1], '…')
	}
	shapes := []Shape{
		{Kind: "label", Y: y + 3.4, Text: string(name)},
		{Kind: "box", X: timelineLeft, Y: y, W: max(0.5, from), H: 4.4, Fill: "light"},
	}
	if to > from {
		shapes = append(shapes, Shape{Kind: "box", X: timelineLeft + from, Y: y, W: to - from, H: 4.4, Fill: "dark"})
	}
	return append(shapes, Shape{Kind: "label", X: 151, Y: y + 3.4, Text: end.Format(time.DateOnly)})
}
