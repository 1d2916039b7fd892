package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) preflightCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "preflight",
		Short: "Is this machine fit for a ceremony",
		Long: `Look at this machine before a ceremony: what protects the process, the air gap,
swap, the clock, the modules and the tokens of site.yaml. Nobody logs in. Exits with
1 when a line fails.`,
		Example: "  keyrite preflight",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withTokens(func(ws *workspace.Workspace, protections []hsm.Protection) error {
				lines, err := preflight.Look(cmd.Context(), ws, clock(), protections)
				if err != nil {
					return err
				}
				if err := a.print(lines, func(w io.Writer) { printPreflight(w, lines) }); err != nil {
					return err
				}
				return preflight.Failed(lines)
			})
		},
	}
}

func printPreflight(w io.Writer, lines []preflight.Line) {
	for _, l := range lines {
		verdict := "FAIL"
		if l.Pass {
			verdict = "PASS"
		}
		fmt.Fprintf(w, "%s  %s", verdict, l.What)
		if l.Detail != "" {
			fmt.Fprintf(w, ": %s", l.Detail)
		}
		fmt.Fprintln(w)
	}
}
