package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) statusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "What is signed, what expires when, what is waiting",
		Long: `Show the signed metadata of every repository, who signed it, when it expires, and
the ceremonies that were begun and not ended, and the rehearsals that lie here.
Exits with 5 when something is overdue or waiting.

Of a role that a server signs it shows what is known of it, which may be old. A
file is void when root has replaced the keys that signed it: no client takes it.`,
		Example: `  keyrite status

  # what will have expired by the end of the year?
  keyrite status --at 2026-12-31T00:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				now, err := a.now()
				if err != nil {
					return err
				}
				status, err := audit.ReadStatus(ws, now)
				if err != nil {
					return err
				}
				if err := a.printText(status, func(wide int) screen.Text { return statusText(status, wide) }); err != nil {
					return err
				}
				return status.Waiting()
			})
		},
	}
	return a.answers(c, &audit.Status{})
}

// statusText lays a status out for a width. What is overdue is red.
func statusText(s *audit.Status, wide int) screen.Text {
	text := screen.Plainly("fleet %s", s.Fleet)
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
		for _, line := range slices.Concat(r.Odd, r.Lost) {
			text = append(text, screen.Styled(screen.Warn, "  warning: %s", words.Line(line))...)
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
	}
	return screen.Join(text, rehearsalsText(s.Rehearsals))
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
