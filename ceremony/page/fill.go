package page

import (
	"strings"
	"unicode/utf8"
)

// Entry is a text, and what stands in front of it.
type Entry struct{ Head, Text string }

// Fill sets text behind head, in lines of at most width columns that break
// between words, with all lines after the first indented as far as head is wide.
// A word breaks only where it is longer than a line.
func Fill(head, text string, width int) string {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	var b strings.Builder
	for _, paragraph := range strings.Split(text, "\n") {
		for _, line := range wrap(paragraph, width-len(indent)) {
			b.WriteString(strings.TrimRight(head+line, " ") + "\n")
			head = indent
		}
	}
	return b.String()
}

// wrap breaks one paragraph into lines of at most width columns.
func wrap(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			lines, line, used = append(lines, line), "", 0
		}
		for ; n > width; n -= width {
			runes := []rune(word)
			lines, word = append(lines, string(runes[:width])), string(runes[width:])
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+n
	}
	return append(lines, line)
}
