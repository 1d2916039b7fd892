package main

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/horizon"
	"github.com/uptane/keyrite/ceremony/screen"
)

// maxItems is how many things the timeline shows: those that are due first.
const maxItems = 16

// horizonText is the timeline: a line for each thing that falls due, and the commands of
// what is due now.
func horizonText(h *horizon.Horizon, wide int) screen.Text {
	if len(h.Items) == 0 {
		return nil
	}
	const columns, beside = 40, 36 // of the line, and of what stands beside it
	text := screen.Blank
	if wide >= columns+beside {
		text = screen.Join(text, screen.Plainly("%-22s  %s", "due", horizon.Scale(columns)))
	}
	for i, item := range h.Items[:min(len(h.Items), maxItems)] {
		when := "in " + item.In
		if item.IsDue() {
			when = "now"
		}
		line := fmt.Sprintf("  due %s, %s: %s", item.By.Format(time.DateOnly), when, item.What)
		if wide >= columns+beside {
			line = fmt.Sprintf("%-22.22s  %s %s", item.Short(), h.Bar(item, columns), item.By.Format(time.DateOnly))
		}
		text = screen.Join(text, screen.Styled(styleOf(item), "%s", line))
		if more := len(h.Items) - maxItems; i == maxItems-1 && more > 0 {
			text = screen.Join(text, screen.Plainly("and %d more, later", more))
		}
	}
	return screen.Join(text, commandsNow(h))
}

// commandsNow are the commands of what is due now and can be done here.
func commandsNow(h *horizon.Horizon) (text screen.Text) {
	for _, item := range h.Items {
		if item.IsDue() && item.Here {
			text = screen.Join(text, screen.Styled(screen.Warn, "now: %s: %s", item.What, item.Command))
		}
	}
	if text != nil {
		text = screen.Join(screen.Blank, text)
	}
	return text
}

func styleOf(i horizon.Item) screen.Style {
	switch i.Mark {
	case horizon.Expired:
		return screen.Bad
	case horizon.Now, horizon.Day:
		return screen.Warn
	}
	return screen.Plain
}

// nextText says who must come with what, one ceremony after the other, and how old the
// keys are.
func nextText(h *horizon.Horizon) screen.Text {
	text := screen.Plainly("fleet %s", h.Fleet)
	for _, n := range h.Next {
		style := screen.Strong
		if n.Mark == horizon.Now || n.Mark == horizon.Expired {
			style = screen.Warn
		}
		text = screen.Join(text, screen.Blank, screen.Styled(style, "%s", n.Title()))
		for _, need := range n.Need {
			text = screen.Join(text, screen.Plainly("  %s, %d of %d", need.Of, need.Threshold, len(need.From)))
			for _, from := range need.From {
				text = screen.Join(text, screen.Plainly("    %s", from))
			}
		}
		for _, who := range n.Besides {
			text = screen.Join(text, screen.Plainly("  besides  %s", who))
		}
		if n.Command != "" {
			text = screen.Join(text, screen.Plainly("  %s", n.Command))
		}
	}
	if len(h.Next) == 0 {
		text = screen.Join(text, screen.Plainly("nobody has to come"))
	}
	return screen.Join(text, keysText(h))
}

func keysText(h *horizon.Horizon) (text screen.Text) {
	var before []string // advisories of the key before
	for i, k := range h.Keys {
		if i == 0 {
			text = screen.Join(screen.Blank, screen.Plainly("keys"))
		}
		text = screen.Join(text, screen.Plainly("  %-16s  %s old, %s, %s", k.Name, k.Age, k.Custody(), k.Token))
		style := screen.Warn
		if k.Broken {
			style = screen.Bad
		}
		for j, a := range k.Advisories {
			if j >= len(before) || before[j] != a {
				text = screen.Join(text, screen.Styled(style, "    %s", a))
			}
		}
		before = k.Advisories
	}
	return text
}
