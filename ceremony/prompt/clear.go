package prompt

import (
	"fmt"
	"os"
	"strings"
)

// Clearer is a Prompter that takes away what stands on the terminal.
type Clearer interface{ Clear() }

// Clear takes away what stands on the terminal, and what has scrolled off it; where the
// terminal cannot do that, what stands there scrolls off.
func (v voice) Clear() {
	if kind := os.Getenv("TERM"); kind == "" || kind == "dumb" {
		fmt.Fprint(v.to, strings.Repeat("\n", 100))
		return
	}
	fmt.Fprint(v.to, "\x1b[H\x1b[2J\x1b[3J")
}
