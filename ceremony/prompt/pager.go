package prompt

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/screen"
)

// The alternate screen of xterm and all that follow it: what was there before
// comes back when it is left.
const (
	enterAlternate = "\x1b[?1049h\x1b[2J\x1b[H"
	clearScreen    = "\x1b[2J\x1b[H"
	leaveAlternate = "\x1b[?1049l"
)

// Page is that of Prompter; on a screen of its own where the terminal has one.
func (p linePrompter) Page(ctx context.Context, text screen.Text) {
	pages := paginate(strings.Split(p.terminal.Render(text), "\n"), p.terminal.Height-2)
	enter, clear, leave := "", "", ""
	if p.terminal.Restores() {
		enter, clear, leave = enterAlternate, clearScreen, leaveAlternate
	}
	fmt.Fprint(p.to, enter)
	defer fmt.Fprint(p.to, leave)
	for n := 0; n < len(pages); {
		fmt.Fprintf(p.to, "%s%s\n\n", clear, strings.Join(pages[n], "\n"))
		answer, err := p.ask(ctx, fmt.Sprintf("page %d of %d: Enter goes on, b goes back, q ends > ", n+1, len(pages)))
		if err != nil {
			return
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "b":
			n = max(0, n-1)
		case "q":
			return
		default:
			n++
		}
	}
}

// paginate cuts lines into pages of at most that height.
func paginate(lines []string, height int) (pages [][]string) {
	height = max(height, 1)
	for len(lines) > height {
		pages, lines = append(pages, lines[:height]), lines[height:]
	}
	return append(pages, lines)
}
