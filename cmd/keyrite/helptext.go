package main

import (
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/page"
)

// fitHelp fits what is said of every command into lines of a terminal, however it is
// broken in the code.
func fitHelp(c *cobra.Command) {
	c.Long, c.Example = paragraphs(c.Long), examples(c.Example)
	for _, sub := range c.Commands() {
		fitHelp(sub)
	}
}

// paragraphs fills text that is no table: no line of it is indented.
func paragraphs(text string) string {
	parts := strings.Split(strings.Trim(text, "\n"), "\n\n")
	for i, part := range parts {
		if !strings.HasPrefix(part, " ") && !strings.Contains(part, "\n ") {
			parts[i] = strings.TrimRight(page.Fill("", strings.Join(strings.Fields(part), " "), columns), "\n")
		}
	}
	return strings.Join(parts, "\n\n")
}

// examples breaks commands that are too long before a flag, as a shell reads them.
func examples(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			lines[i] = broken(line)
		}
	}
	return strings.Join(lines, "\n")
}

func broken(line string) string {
	if utf8.RuneCountInString(line) <= columns {
		return line
	}
	at := strings.LastIndex(line[:min(columns-1, len(line))], " -")
	if at <= len("  keyrite") {
		return line
	}
	return line[:at] + " \\\n" + broken("      "+line[at+1:])
}
