package words

import (
	"strings"

	"github.com/uptane/keyrite/roles"
)

// Printable makes text harmless to show: labels of tokens and texts from a USB
// stick must not drive the terminal, nor hide or reorder what people confirm.
// Line breaks stay. Line says what is escaped, and how.
func Printable(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Line(line)
	}
	return strings.Join(lines, "\n")
}

// Line is Printable for one line, in which a line break is escaped too. Its rule
// is that of [roles.Printable].
func Line(text string) string { return roles.Printable(text) }

// Hidden reports whether a character is one that people cannot see, as
// [roles.Hidden] does.
func Hidden(r rune) bool { return roles.Hidden(r) }

// Quote is [roles.Quote]: text of foreign origin in an error, harmless and short.
func Quote(text string) string { return roles.Quote(text) }

// Cut is [roles.Cut]: text of at most max bytes as it is, longer text without its
// middle.
func Cut(text string, max int) string { return roles.Cut(text, max) }
