package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// title says which ceremony this is.
func (m *machine) title() screen.Text {
	parts := []string{m.plan.Fleet, m.plan.Repository, m.plan.Ceremony}
	if m.plan.Reason != "" {
		parts = append(parts, "“"+words.Line(m.plan.Reason)+"”")
	}
	return screen.Plainly("%s", strings.Join(parts, " · "))
}

// header stands above a step. Where nobody looks it is one line.
func (m *machine) header(s plan.Step) screen.Text {
	if m.Yes {
		return screen.Plainly("%s", m.plan.Heading(s))
	}
	return screen.Join(screen.Blank, m.heading(s))
}

// heading says where people are, and who acts.
func (m *machine) heading(s plan.Step) screen.Text {
	h := screen.Header{Fleet: m.plan.Fleet, Repository: m.plan.Repository, Ceremony: m.plan.Ceremony, Time: m.Now(), Heading: m.plan.Heading(s)}
	if s.Key != "" {
		h.Who = m.holder(s.Key)
	}
	return h.Text()
}

// tick shows that a step is finished: the ledger of the ceremony. It is green when
// a signature was verified by it.
func (m *machine) tick(s plan.Step) {
	style := screen.Plain
	switch s.Do {
	case plan.Generate, plan.Sign, plan.Write, plan.Seal, plan.Verify:
		style = screen.Good
	}
	mark := fmt.Sprintf("✓ %2d", s.Step)
	m.Prompter.Show(screen.Text{{Hang: 12, Spans: []screen.Span{{Text: mark, Style: style}, {Text: m.Now().UTC().Format("  15:04  ") + strings.Join(m.finished(s), " · ")}}}})
}

// finished is what a step did, in a few words each.
func (m *machine) finished(s plan.Step) (did []string) {
	switch s.Do {
	case plan.Generate:
		if !m.isOurs(s) {
			return []string{"took in " + s.Key + " of " + m.plan.SiteOf(s), "its words are compared before anything is signed"}
		}
		did = []string{"generated " + s.Key + " on token " + m.site.Keys[s.Key], "possession proved"}
	case plan.Review:
		did = []string{fmt.Sprintf("reviewed %s %d", s.Role, s.Version), endsOf(m.reviewed[s.Role].SHA256())}
	case plan.Sign:
		did = []string{fmt.Sprintf("%s signed %s %d", s.Key, s.Role, s.Version), fmt.Sprintf("%d of %d", len(m.signed[s.Role]), len(m.plan.Signing(s.Role))), "verified"}
		if s.Site != "" {
			did = append(did, "at "+s.Site)
		}
	case plan.Write:
		did = []string{s.Path + " is in place", "verified"}
	case plan.Seal:
		did = []string{s.Path + " is sealed", "below every threshold"}
	case plan.Verify:
		did = []string{"the repository verifies as clients verify it"}
	case plan.Destroy:
		did = []string{"destroyed " + s.Key + " on token " + m.site.Keys[s.Key]}
	}
	if who := m.holder(s.Key); s.Key != "" && who != "" {
		did = append(did, who)
	}
	return did
}

func endsOf(sum digest.SHA256) string {
	list := sum.Words()
	return fmt.Sprintf("words %s … %s", list[0], list[len(list)-1])
}

// fitting shows text that people have to read, a screen at a time where it is
// longer than theirs.
func (m *machine) fitting(ctx context.Context, text screen.Text) error {
	if !m.Yes {
		return prompt.Read(ctx, m.Prompter, text)
	}
	if len(text) > 0 {
		m.Prompter.Show(text)
	}
	return nil
}

// showDone is the end: what was made, what to write down, and what comes next.
func (m *machine) showDone() {
	text := screen.Join(screen.Blank, screen.Styled(screen.Good, "done: %s", m.plan.Ceremony))
	if m.plan.Emergency != "" {
		m.Prompter.Show(screen.Join(text, screen.Facts(m.sealedFacts()...)))
		return
	}
	var facts []screen.Fact
	for i, file := range m.plan.Files {
		label := ""
		if i == 0 {
			label = "made"
		}
		facts = append(facts, screen.Of(label, fmt.Sprintf("%s, expires %s, signed by %d", file.Path, file.Expires.UTC().Format(time.DateOnly), len(m.plan.Signing(file.Role)))))
	}
	for _, e := range m.plan.Elsewhere {
		facts = append(facts, screen.Of("still", e.String()))
	}
	if next := m.nextCeremony(); next != "" {
		facts = append(facts, screen.Of("next ceremony", next))
	}
	m.Prompter.Show(screen.Join(text, screen.Facts(append(facts, m.nextCommands()...)...)))
}

// nextCommands are what people do after a ceremony; after its rehearsal, hold it.
func (m *machine) nextCommands() []screen.Fact {
	if m.Rehearsal != nil {
		return []screen.Fact{
			screen.Of("next", fmt.Sprintf("keyrite run %s, which is meant: its transcript will quote this rehearsal", m.plan.Ceremony)),
			screen.Of("", fmt.Sprintf("keyrite -C %s record %s, to see what a record looks like", m.Workspace.Dir, m.plan.Ceremony)),
		}
	}
	var next []screen.Fact
	for _, who := range slices.Sorted(maps.Keys(m.plan.Witnesses)) {
		next = append(next, screen.Of("", fmt.Sprintf("keyrite transcript sign %s --witness %q, with --token or --ssh-signature", m.plan.Ceremony, who)))
	}
	next = append(next,
		screen.Of("", fmt.Sprintf("keyrite record %s, to print, sign and file", m.plan.Ceremony)),
		screen.Of("", fmt.Sprintf("keyrite bundle %s -o %s.tar, which is carried out", m.plan.Repository, m.plan.Repository)))
	next[0].Name = "next"
	return next
}

// nextCeremony says which role is due first, and when root is, by the policy.
func (m *machine) nextCeremony() string {
	type due struct {
		role string
		by   time.Time
	}
	var list []due
	for _, role := range m.scene.Repo.Order() {
		body := m.scene.Signed.Body(role)
		if body != nil && !slices.ContainsFunc(m.plan.Elsewhere, func(e plan.Elsewhere) bool { return e.Role == role }) {
			list = append(list, due{role, roles.HeadOf(body).Expires.Add(-m.scene.Repo.Lead(role, m.scene.Policy))})
		}
	}
	if list == nil {
		return ""
	}
	first := slices.MinFunc(list, func(a, b due) int { return a.by.Compare(b.by) })
	text := fmt.Sprintf("renew %s by %s", first.role, first.by.UTC().Format(time.DateOnly))
	if first.by.Before(m.Now()) {
		text = fmt.Sprintf("renew %s now", first.role)
	}
	if root := list[0]; root.role == "root" && first.role != "root" {
		text += ", root by " + root.by.UTC().Format(time.DateOnly)
	}
	return text
}

// showBefore shows which steps an earlier run has done.
func (m *machine) showBefore() {
	n := 0
	for n < len(m.plan.Steps) && m.isDone(m.plan.Steps[n]) {
		n++
	}
	if n > 0 {
		m.Prompter.Show(screen.Plainly("✓ steps 1 to %d are done, by an earlier run", n))
	}
}
