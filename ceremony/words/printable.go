package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text harmless to show: labels of tokens and texts from a USB
// stick must not drive the terminal, nor hide or reorder what people confirm.
// Line breaks stay.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range text { // bytes that are not UTF-8 become U+FFFD
		if r != '\n' && Hidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Hidden reports whether a character is one that people cannot see.
func Hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
