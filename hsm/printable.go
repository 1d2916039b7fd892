// Text that a module is free to choose, and that ends up on an officer's screen.

package hsm

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unpadded is printable for the texts of fixed length in CK_TOKEN_INFO.
func unpadded(s string) string { return printable(strings.TrimRight(s, " \x00")) }

// printable makes text harmless to show on one line. Its rule is that of package
// roles, which this package does not know: roles/testdata/printable.txt holds
// both to it.
func printable(text string) string {
	var b strings.Builder
	marks := maxMarks // at the start there is nothing to combine with
	for i, r := range text {
		switch mark := unicode.Is(unicode.M, r); {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"):
			fmt.Fprintf(&b, `\x%02x`, text[i])
			marks = maxMarks
		case hidden(r) || mark && marks >= maxMarks:
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

// maxMarks is how many marks may combine with one letter.
const maxMarks = 4

func escaped(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// hidden reports whether people cannot tell a character by looking.
func hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	const brailleBlank = 0x2800 // a symbol without a dot
	return !unicode.IsPrint(r) || r == brailleBlank ||
		unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
