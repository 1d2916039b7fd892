package main

import (
	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) runCommand() *cobra.Command {
	yes := false
	c := &cobra.Command{
		Use:   "run PLAN",
		Short: "Run a plan, or continue it where it stopped",
		Long: `Run the steps of a plan: generate keys on tokens, show each file before it is
signed, ask for the exact phrase and for PINs, verify every signature before it
is used, and put each finished file in place. Nothing is ever overwritten.

After an interruption, run the same command again: it continues at the first
unfinished step and never repeats a finished one.`,
		Example: `  # a ceremony with people
  keyrite run ceremonies/2026-11-22-image-1/plan.yaml

  # in CI, for roles that site.yaml marks as unattended
  keyrite run --yes ceremonies/2026-11-22-image-2/plan.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				plan, _, err := plan.Read(ws, a.inWorkspace(ws, args[0]))
				if err != nil {
					return err
				}
				r := &run.Run{Workspace: ws, Prompter: a.prompter(), Now: clock, Yes: yes}
				if err := r.Plan(cmd.Context(), plan); err != nil {
					return err
				}
				a.say("done: %s", plan.Ceremony)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "ask nothing; only for roles that site.yaml marks as unattended")
	return c
}

func (a *app) abortCommand() *cobra.Command {
	reason := ""
	c := &cobra.Command{
		Use:     "abort PLAN",
		Short:   "Close a ceremony that will not be finished",
		Long:    "Close a ceremony that was begun and will not be finished. What it did stays; the transcript says why it ended.",
		Example: `  keyrite abort ceremonies/2026-11-22-image-2/plan.yaml --reason "officer 2 fell ill"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				plan, _, err := plan.Read(ws, a.inWorkspace(ws, args[0]))
				if err != nil {
					return err
				}
				if err := run.Abort(ws, plan, clock, reason); err != nil {
					return err
				}
				a.say("aborted: %s", plan.Ceremony)
				return nil
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, in your words; it stands in the transcript")
	c.MarkFlagRequired("reason")
	return c
}
