package roles

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text of unknown origin harmless to show on one line of a
// terminal. What people do not see, and what drives a terminal, is spelled out:
// \u202e for a character, \U000e0041 for one beyond 16 bits, \xff for a byte
// that is not UTF-8. Backslashes stay, so that text which passes two doors is
// spelled as after the first. See Hidden for which characters these are.
//
// A mark that combines with what is before it needs something there to combine
// with, at most maxMarks on one letter: more of them reach into other lines.
func Printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return text // nearly always
	}
	var b strings.Builder
	marks := maxMarks // at the start there is nothing to combine with
	for i, r := range text {
		switch mark := unicode.Is(unicode.M, r); {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"):
			fmt.Fprintf(&b, `\x%02x`, text[i])
			marks = maxMarks
		case Hidden(r) || mark && marks >= maxMarks:
			b.WriteString(escaped(r))
			marks = maxMarks
		case mark:
			b.WriteRune(r)
			marks++
		default:
			b.WriteRune(r)
			marks = 0
			if r == ' ' {
				marks = maxMarks
			}
		}
	}
	return b.String()
}

// maxMarks is enough for every script that is in use.
const maxMarks = 4

func escaped(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Hidden reports whether people cannot tell a character by looking: control and
// formatting characters (C0, C1, those that change the direction of text, tags),
// line and paragraph separators, every space but the common one, variation
// selectors, letters and marks that show nothing, private use, and what Unicode
// does not know yet.
func Hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return !unicode.IsPrint(r) || r == brailleBlank ||
		unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

const brailleBlank = 0x2800 // a symbol without a dot

// Cut shortens text of more than max bytes in its middle, and says there how long
// it was: the end of an error says what is wanted.
func Cut(text string, max int) string {
	if len(text) <= max {
		return text
	}
	head, tail := max*2/3, len(text)-max/3
	for head > 0 && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text) && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return fmt.Sprintf("%s…(%d bytes)…%s", text[:head], len(text), text[tail:])
}

// maxQuote bounds what an error quotes, in bytes; maxError bounds an error.
const (
	maxQuote = 200
	maxError = 2000
)

// Quote quotes text of unknown origin in an error, as %q does, but harmless and
// not too long.
func Quote(text string) string {
	quoted := strconv.Quote(Cut(text, maxQuote))
	return `"` + Printable(quoted[1:len(quoted)-1]) + `"`
}
