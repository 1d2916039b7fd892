package review

import (
	"fmt"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Screen is everything that a signature will state, as it is shown before anybody
// is asked. A paper that is printed before the ceremony shows the same, with
// blanks for what is not known yet.
type Screen struct {
	File     plan.File
	Bytes    string    // how many there are to sign
	Now      time.Time // zero: not known
	Changes  []roles.Change
	Steps    []plan.Step       // that sign the file
	Tokens   map[string]string // by key, by their names in site.yaml
	Findings []transcript.Finding
	SHA256   digest.SHA256 // of the bytes to sign; zero: not known
}

// Blank stands for what is not known yet.
const Blank = "________"

// maxShown is how many changes are shown; all of them lie beside the plan.
const maxShown = 20

func (r *Reviewed) screen(findings []transcript.Finding, tokens map[string]string, now time.Time) Screen {
	return Screen{
		File: r.file, Bytes: fmt.Sprint(len(r.draft.JSON)), Now: now, Changes: r.changes,
		Steps: r.steps, Tokens: tokens, Findings: findings, SHA256: r.sum,
	}
}

// String is the screen, line by line.
func (s Screen) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  file     %s, %s bytes before signatures\n", s.File.Path, s.Bytes)
	fmt.Fprintf(&b, "  expires  %s (in %s)\n", roles.FormatTime(s.File.Expires), s.left())
	for _, c := range s.Changes[:min(maxShown, len(s.Changes))] {
		fmt.Fprintf(&b, "  %s\n", c.Short())
	}
	if more := len(s.Changes) - maxShown; more > 0 {
		fmt.Fprintf(&b, "  … and %s more, all of them in changes.jsonl\n", words.Count(more, "change"))
	}
	for _, step := range s.Steps {
		fmt.Fprintf(&b, "  signer   %s on token %s, counts for %s\n", step.Key, s.Tokens[step.Key], strings.Join(step.CountsFor, " and "))
	}
	for _, f := range s.Findings {
		fmt.Fprintf(&b, "  policy   %s\n", f)
	}
	fmt.Fprintf(&b, "  sha-256  %s\n", hexOf(s.SHA256))
	fmt.Fprintf(&b, "  words    %s", wordsOf(s.SHA256))
	return b.String()
}

// left is how long the file lives.
func (s Screen) left() string {
	if s.Now.IsZero() {
		return Blank
	}
	return words.Between(s.Now, s.File.Expires)
}

func hexOf(sum digest.SHA256) string {
	if sum.IsZero() {
		return Blank
	}
	return sum.String()
}

func wordsOf(sum digest.SHA256) string {
	if sum.IsZero() {
		return Blank
	}
	return words.Wrap(sum.WordText())
}

// KeyShown is a key that enters a role, and who vouches for it.
func KeyShown(name, by, fingerprint, words string) string {
	return fmt.Sprintf("  key      %s, %s\n           %s\n           %s", name, by, fingerprint, words)
}
