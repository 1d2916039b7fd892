package main

import (
	"path"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/runbook"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) runbookCommand() *cobra.Command {
	out := printed{file: plan.RunbookFile, held: "that one may be the one that people printed, and the transcript states it from the first step on"}
	c := &cobra.Command{
		Use:   "runbook CEREMONY",
		Short: "The printed script of a plan, with boxes to fill in",
		Long: `Make the script of a ceremony from its plan: the words of plan and room for the
cover, an inventory, every step with who acts and with the exact text that the
screen will show, boxes for initials and times, what to do when something fails.
The plan is derived again first.

It is one HTML file for A4, without scripts and references, that any browser
prints: by default runbook.html in the ceremony's folder. --text writes plain text
to stdout instead. Two people print it from two checkouts and compare its words:
nobody who changes files can change that paper.`,
		Example: `  keyrite runbook 2026-11-22-image-1
  keyrite runbook 2026-11-22-image-1 -o /media/print/runbook.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, err := a.ceremony(ws, args)
				if err != nil {
					return err
				}
				d, err := runbook.Make(ws, name, version())
				if err != nil {
					return err
				}
				return a.printOut(ws, path.Join(record.Dir(name), out.file), out, d)
			})
		},
	}
	out.flags(c)
	return a.answers(c, printedPaper{})
}
