package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "What is signed, what expires when, what is waiting",
		Long: `Show the signed metadata of every repository, who signed it, when it expires, and
the ceremonies that were begun and not ended. Exits with 5 when something is
overdue or waiting.

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
				if err := a.print(status, func(w io.Writer) { printStatus(w, status) }); err != nil {
					return err
				}
				return status.Waiting()
			})
		},
	}
}

func printStatus(w io.Writer, s *audit.Status) {
	fmt.Fprintf(w, "fleet %s\n", s.Fleet)
	for _, r := range s.Repositories {
		fmt.Fprintf(w, "\n%s (%s)\n", r.Name, r.Format)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "  ROLE\tVERSION\tEXPIRES\tIN\tSIGNED BY\tIMAGES")
		for _, role := range r.Roles {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\n", role.Role, role.VersionText(), role.ExpiresText(), role.In, role.SignersText(), role.ImagesText())
		}
		t.Flush()
		for _, line := range slices.Concat(r.Odd, r.Lost) {
			fmt.Fprintf(w, "  warning: %s\n", words.Line(line))
		}
		for _, due := range r.Server {
			fmt.Fprintf(w, "  next: %s\n", due)
		}
	}
	for _, m := range s.Missed {
		fmt.Fprintf(w, "\nMISSED: %s: %s\n", m.Name, m.What)
	}
	for _, c := range s.Planned {
		fmt.Fprintf(w, "\nplanned: %s, not run yet\n", c.Name)
	}
	for _, c := range s.Open {
		fmt.Fprintf(w, "\nunder way: %s, %d of %d steps done\n", c.Name, c.Done, c.Steps)
	}
}
