package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"golang.org/x/term"
)

func (a *app) preflightCommand() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use:   "preflight",
		Short: "Is this machine fit for a ceremony",
		Long: `Look at this machine before a ceremony: what keyrite is and what protects it, the
air gap, swap, the clock, room for results, the terminal, the modules with every way
out of their helpers, the tokens and what is known against their models. Nobody logs
in. keyrite run begins with the same.

PASS is as it should be, WARN is for people to know, FAIL stops a run, and the command
exits with 1. WAIVED is what fails and site.yaml sets aside, with who and why:

  waivers:
    - {check: NETWORK, reason: "air gap from March on", person: A. Example}`,
		Example: `  keyrite preflight

  # each way out of a module's helper on a line of its own
  keyrite preflight --all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withTokens(func(ws *workspace.Workspace, protections []hsm.Protection) error {
				report, err := a.machine(protections).Look(cmd.Context(), ws, preflight.Request{Now: clock(), People: a.prompter().Asks(), All: all})
				if err != nil {
					return err
				}
				if err := a.print(report, func(w io.Writer) {
					fmt.Fprintf(w, "%s%s\n", report.Text(transcript.Pass, prompt.Terminal(a.stderr).Columns()), report.Summary())
				}); err != nil {
					return err
				}
				return report.Failed()
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "every way out of a module's helper, not only those that are open")
	return a.answers(c, &preflight.Report{})
}

// machine is this one, for preflight.
func (a *app) machine(protections []hsm.Protection) preflight.Machine {
	var terminal *preflight.Size
	if a.prompter().Asks() {
		width, height, _ := term.GetSize(int(a.stderr.Fd())) // zeros where it does not tell
		terminal = &preflight.Size{Width: width, Height: height}
	}
	return preflight.Here(version(), protections, terminal)
}
