package review

import (
	"crypto/sha512"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Content is everything that a signature will state. Screens show it before
// anybody is asked; a paper that is printed before the ceremony shows the same,
// with blanks for what is not known yet.
type Content struct {
	File     plan.File
	Bytes    string     // how many there are to sign
	Now      time.Time  // zero: not known
	Before   roles.Body // what the file follows; nil: it is the first
	Changes  []roles.Change
	Kit      string            // that this is sealed in, or completed from; empty for none
	Open     bool              // what changes is not known before other files are signed
	Quorums  []scene.Quorum    // that the signatures must meet
	Steps    []plan.Step       // that sign the file
	Tokens   map[string]string // by key, by their names in site.yaml
	Findings []transcript.Finding
	SHA256   digest.SHA256 // of the bytes to sign; zero: not known
	SHA512   func() string // of the same bytes, hexadecimal; nil: not known. A pass over all of them
}

// Blank stands for what is not known yet.
const Blank = screen.Unknown

// ContentOf is what can be known of a planned file at any time.
func ContentOf(s *scene.Scene, p *plan.Plan, role string, findings []policies.Finding) Content {
	file, _ := p.File(role)
	c := Content{File: file, Bytes: Blank, Before: s.Signed.Body(role), Quorums: s.Quorums(role), Steps: p.Signing(role), SHA256: file.SHA256, Kit: kitOf(p, role)}
	for _, f := range findings {
		if Concerns(f, role) {
			c.Findings = append(c.Findings, transcript.FindingOf(f))
		}
	}
	return c
}

// content is that of a file that was built.
func (c *Candidate) content(s *scene.Scene, p *plan.Plan, checks Checks, now time.Time) Content {
	content := ContentOf(s, p, c.file.Role, checks.Result.Findings)
	content.Bytes, content.Now, content.Changes, content.Tokens = fmt.Sprint(len(c.draft.JSON)), now, c.changes, checks.Tokens
	content.SHA256, content.SHA512 = c.sum, func() string { return fmt.Sprintf("%x", sha512.Sum512(c.draft.Signed)) }
	return content
}

// kitOf says what a file has to do with an emergency kit.
func kitOf(p *plan.Plan, role string) string {
	switch {
	case p.Emergency != "":
		return "sealed in " + p.Emergency + " with fewer signatures than it needs: nobody publishes it before others sign too"
	case p.Complete != "" && role == "root":
		return "of " + p.Complete + ", whose signatures are taken in"
	}
	return ""
}

// Card is the content as it stands on a screen before anybody signs.
func (c Content) Card() screen.Card {
	card := screen.Card{Title: fmt.Sprintf("What %s %d will say, in its %s bytes:", c.File.Role, c.File.Version, c.Bytes), Sum: c.SHA256}
	card.Facts = append(c.about(), c.wanted()...)
	return card
}

// about is what does not depend on who signs.
func (c Content) about() []screen.Fact {
	changes := []screen.Fact{screen.Of("files", Blank)}
	if !c.Open {
		changes = numbersOf(c.Changes)
	}
	facts := append([]screen.Fact{screen.Of("expires", c.expires())}, changes...)
	if c.Kit != "" {
		facts = append(facts, screen.Of("kit", c.Kit))
	}
	if line := c.policy(); line != "" {
		facts = append(facts, screen.Fact{Name: "policy", Value: []screen.Span{{Text: line, Style: screen.Warn}}})
	}
	return facts
}

const minutes = "2006-01-02 15:04 UTC"

func (c Content) expires() string {
	left := Blank
	if !c.Now.IsZero() {
		left = words.Between(c.Now, c.File.Expires)
	}
	text := fmt.Sprintf("%s, in %s", c.File.Expires.UTC().Format(minutes), left)
	if c.Before != nil {
		before := roles.HeadOf(c.Before)
		text += fmt.Sprintf(" (%s %d: %s)", c.File.Role, before.Version, before.Expires.UTC().Format(time.DateOnly))
	}
	return text
}

// policy names what was set aside, and counts what was found besides.
func (c Content) policy() string {
	var waived []string
	others := 0
	for _, f := range c.Findings {
		if f.WaivedBy == "" {
			others++
		} else if name := f.Check + " by " + f.WaivedBy; !slices.Contains(waived, name) {
			waived = append(waived, name)
		}
	}
	var list []string
	if waived != nil {
		list = append(list, "WAIVED "+few(waived))
	}
	if others > 0 {
		list = append(list, words.Count(others, "finding")+", which v shows")
	}
	return strings.Join(list, "; ")
}

// wanted says whose signatures are asked for.
func (c Content) wanted() (facts []screen.Fact) {
	for _, q := range c.Quorums {
		facts = append(facts, screen.Of(q.Name, fmt.Sprintf("wants %d of %s: %s will sign", q.Threshold, words.Count(len(q.Keys), "key"), words.List(c.signers(q)))))
	}
	return facts
}

// signers are the keys that the plan asks for a quorum.
func (c Content) signers(q scene.Quorum) (keys []string) {
	for _, step := range c.Steps {
		for _, name := range step.CountsFor {
			if name == q.Name {
				keys = append(keys, step.Key)
			}
		}
	}
	return keys
}

// Details is all of it, however long.
func (c Content) Details() screen.Text {
	text := screen.Facts(screen.Of("file", c.File.Path+", "+c.Bytes+" bytes before signatures"),
		screen.Of("expires", roles.FormatTime(c.File.Expires)), screen.Of("sha-256", groupsOf(c.SHA256.String(), c.SHA256.IsZero())),
		screen.Of("sha-512", c.longSum()))
	for _, step := range c.Steps {
		where := "on token " + c.Tokens[step.Key]
		if step.External {
			where = "external"
		}
		text = append(text, screen.Facts(screen.Of("signer", fmt.Sprintf("%s %s, counts for %s", step.Key, where, strings.Join(step.CountsFor, " and "))))...)
	}
	for _, f := range c.Findings {
		text = append(text, screen.Facts(screen.Of("policy", f.String()))...)
	}
	text = append(text, screen.Facts(screen.Of("changes", fmt.Sprint(len(c.Changes))))...)
	for _, change := range c.Changes {
		text = append(text, screen.Plainly("    %s", change.Short())...)
	}
	return text
}

func (c Content) longSum() string {
	if c.SHA512 == nil {
		return Blank
	}
	return screen.Groups(c.SHA512())
}

func groupsOf(hex string, unknown bool) string {
	if unknown {
		return Blank
	}
	return screen.Groups(hex)
}

// KeyShown is a key that enters a role, and who vouches for it.
func KeyShown(name, by, fingerprint, words string) string {
	return fmt.Sprintf("  key            %s, %s\n                 %s\n                 %s", name, by, groupsOf(fingerprint, fingerprint == Blank), words)
}

// ReadQuestion waits until a file has been read.
const ReadQuestion = "Enter goes on, v shows details, s stops.\n> "
