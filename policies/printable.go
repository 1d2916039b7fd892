package policies

import (
	"fmt"
	"strings"
	"unicode"
)

// maxText bounds what a finding quotes, in bytes.
const maxText = 400

// printable escapes what would not show on a screen as it is: a finding may
// quote metadata of an attacker.
func printable(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || r == unicode.ReplacementChar }) {
		return text
	}
	quoted := fmt.Sprintf("%+q", text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
