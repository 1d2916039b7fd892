package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/horizon"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) statusCommand() *cobra.Command {
	out := statusOut{}
	c := &cobra.Command{
		Use:   "status",
		Short: "What is signed, what falls due when, what is waiting",
		Long: `Show the signed metadata of every repository, who signed it, when it is due for
renewal and when it expires, on a line with marks at 1, 7, 30, 90 and 365 days; the
ceremonies that were begun and not ended, and the rehearsals that lie here. Exits with 5
when something is due, overdue or waiting: before it expires.

A file is due as long before its expiry as trust.yaml says (renew:), else the policy, else
when a tenth of its life is left. keyrite plan proposes what is due by itself.

Of a role that a server signs it shows what is known of it, which may be old. A
file is void when root has replaced the keys that signed it: no client takes it.

--site PATH looks at a published repository instead, with no workspace: a published folder,
a folder of metadata, or a bundle. It is verified as clients do from --trusted-root, or else
from the oldest root that is published, which proves no more than that all of it fits
together; expired files are told as such. --html then writes the page for the repository's
front door. --evidence BUNDLE, which may be older, has it name keys and ceremonies.

--next says who must come with which tokens by when, and how old keys are, who has kept
them since when, and what is publicly known against their tokens. The files that --html,
--ics and --metrics write are replaced as a whole, if they are of the same kind.`,
		Example: `  keyrite status
  keyrite status --next

  # what will have expired, and what be due, by the end of the year?
  keyrite status --at 2026-12-31

  # what do vehicles find, and until when? With a page for whoever comes by
  keyrite status --site /srv/image --trusted-root root.json --html /srv/image/index.html

  # for a calendar, for node_exporter's textfile collector, for paper
  keyrite status --ics keyrite.ics --metrics /var/lib/node_exporter/keyrite.prom --html status.html`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if out.site.Path != "" {
				return a.siteStatus(out)
			}
			if out.site != (audit.SiteRequest{}) {
				return fault.Errorf(fault.Usage, "--trusted-root and --evidence are for --site")
			}
			return a.withWorkspace(func(ws *workspace.Workspace) error { return a.status(ws, out) })
		},
	}
	c.Flags().BoolVar(&out.next, "next", false, "who must come with which tokens by when")
	c.Flags().StringVar(&out.html, "html", "", "write the timeline to this file, for a browser or paper")
	c.Flags().StringVar(&out.calendar, "ics", "", "write an iCalendar file (RFC 5545)")
	c.Flags().StringVar(&out.metrics, "metrics", "", "write a Prometheus text file")
	c.Flags().StringVar(&out.site.Path, "site", "", "look at this published repository, and not at the workspace")
	c.Flags().StringVar(&out.site.TrustedRoot, "trusted-root", "", "with --site: a root that is trusted already (default: the oldest that is published)")
	c.Flags().StringVar(&out.site.Evidence, "evidence", "", "with --site: bundle with evidence, which names keys and ceremonies")
	c.MarkFlagsMutuallyExclusive("site", "next")
	return a.answers(c, fullStatus{})
}

// statusOut is what status writes besides.
type statusOut struct {
	next                    bool
	html, calendar, metrics string
	site                    audit.SiteRequest
}

func (a *app) status(ws *workspace.Workspace, out statusOut) error {
	now, err := a.now()
	if err != nil {
		return err
	}
	status, err := audit.ReadStatus(ws, now)
	if err != nil {
		return err
	}
	h, err := horizon.Of(ws, status, now)
	if err != nil {
		return err
	}
	if out != (statusOut{}) {
		if err := h.AddKeys(ws); err != nil {
			return err
		}
	}
	if err := out.write(h, h.Paper().HTML); err != nil {
		return err
	}
	err = a.printText(fullStatus{status, h, nil}, func(wide int) screen.Text {
		if out.next {
			return nextText(h)
		}
		return screen.Join(statusText(status, wide), horizonText(h, wide))
	})
	if err != nil {
		return err
	}
	return status.Waiting()
}

// fullStatus is what status answers.
type fullStatus struct {
	*audit.Status
	Horizon *horizon.Horizon `json:"horizon"`
	Site    *audit.Site      `json:"site,omitempty"` // the published repository, of --site
}

// write writes the files that were asked for.
func (o statusOut) write(h *horizon.Horizon, html func() ([]byte, error)) error {
	if o.html != "" {
		data, err := html()
		if err != nil {
			return err
		}
		if err := horizon.Replace(o.html, data); err != nil {
			return err
		}
	}
	if o.calendar != "" {
		if err := horizon.Replace(o.calendar, h.Calendar()); err != nil {
			return err
		}
	}
	if o.metrics != "" {
		return horizon.Replace(o.metrics, h.Metrics())
	}
	return nil
}

// statusText lays a status out for a width. What is overdue is red.
func statusText(s *audit.Status, wide int) screen.Text {
	var text screen.Text
	if s.Fleet != "" {
		text = screen.Plainly("fleet %s", s.Fleet)
	}
	if s.Fake != "" {
		text = append(text, screen.Styled(screen.Bad, "FAKE: rehearsal of %s; nothing of it is meant", s.Fake)...)
	}
	for _, r := range s.Repositories {
		t := screen.Table{Head: []string{"role", "version", "expires", "in", "signed by", "images"}}
		for _, role := range r.Roles {
			in := screen.Span{Text: role.In}
			if role.Overdue {
				in.Style = screen.Bad
			}
			t.Rows = append(t.Rows, screen.Row{Cells: []screen.Span{{Text: role.Role}, {Text: role.VersionText()}, {Text: role.ExpiresText()}, in, {Text: role.SignersText()}, {Text: role.ImagesText()}}})
		}
		text = screen.Join(text, screen.Blank, screen.Plainly("%s (%s)", r.Name, r.Format), t.Text(wide))
		for _, odd := range r.Odd {
			text = append(text, screen.Styled(screen.Warn, "  warning: %s", words.Line(odd.String()))...)
		}
		for _, lost := range r.Lost {
			text = append(text, screen.Styled(screen.Warn, "  warning: %s", words.Line(lost.Text(r.Name)))...)
		}
		for _, due := range r.Server {
			text = append(text, screen.Plainly("%s", demand("  next: ", due, min(wide, columns)))...)
		}
	}
	for _, m := range s.Missed {
		text = append(text, screen.Styled(screen.Bad, "\nMISSED: %s: %s", m.Name, m.What)...)
	}
	for _, c := range s.Planned {
		text = append(text, screen.Plainly("\nplanned: %s, not run yet", c.Name)...)
	}
	for _, c := range s.Open {
		text = append(text, screen.Plainly("\nunder way: %s, %d of %d steps done", c.Name, c.Done, c.Steps)...)
		text = screen.Join(text, sitesText(s.Sites[c.Name]))
	}
	for _, left := range s.Left {
		text = append(text, screen.Styled(screen.Warn, "\nleft over: key %s, made by %s, which was aborted: keyrite key adopt %s --token TOKEN, or out of trust.yaml with it and keyrite key destroy %s", left.Key, left.Ceremony, left.Key, left.Key)...)
	}
	return screen.Join(text, kitsText(s.Kits), rehearsalsText(s.Rehearsals))
}

// kitsText are the emergency kits, and whether they are stale.
func kitsText(list []kits.State) (text screen.Text) {
	for i, k := range list {
		if i == 0 {
			text = screen.Blank
		}
		text = append(text, entryLines(kitLines(k), screen.Plain)...)
		text = append(text, entryLines(staleLines(k), screen.Bad)...)
	}
	return text
}

// entryLines are entries on the screen, all in one style.
func entryLines(entries []page.Entry, style screen.Style) (text screen.Text) {
	for _, e := range entries {
		text = append(text, screen.Line{Hang: len(e.Head), Spans: []screen.Span{{Text: e.Head + e.Text, Style: style}}})
	}
	return text
}

// siteStage is how far a site is, or why its folder is refused.
func siteStage(s sites.State) string {
	if s.Problem != nil {
		return s.Problem.Message
	}
	return s.State.Words()
}

// sitesText says how far each site came, and what the others wait for.
func sitesText(list []sites.State) (text screen.Text) {
	for _, s := range list {
		line := fmt.Sprintf("  %s: %s, %d of %d steps of its own", s.Site, words.Line(siteStage(s)), s.Done, s.Steps)
		if len(s.Open) > 0 {
			line += "; waits for it: " + strings.Join(s.Open, ", ")
		}
		text = append(text, screen.Plainly("%s", line)...)
	}
	return text
}

// rehearsalsText names the rehearsals that lie here, and what removes the old ones.
func rehearsalsText(list []audit.RehearsalStatus) (text screen.Text) {
	over := false
	for i, r := range list {
		if i == 0 {
			text = screen.Blank
		}
		until := "until"
		if r.Over {
			until, over = "over since", true
		}
		text = screen.Join(text, screen.Plainly("FAKE rehearsal: %s, of %s, %s %s", r.Name, r.Of, until, r.Until.Format("2006-01-02 15:04Z")))
	}
	if over {
		text = screen.Join(text, screen.Plainly("  those that are over are removed by: keyrite rehearse --remove-old"))
	}
	return text
}
