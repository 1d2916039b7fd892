package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) planCommand() *cobra.Command {
	request := plan.Request{}
	c := &cobra.Command{
		Use:   "plan REPOSITORY",
		Short: "Derive a ceremony from trust.yaml and what is signed now",
		Long: `Compare trust.yaml with the metadata that is signed now and derive the ceremony
that makes them equal: which keys to generate, which files to sign, whose
signatures are needed, what every vehicle will notice. The plan is a file to be
reviewed; nothing is signed. When nothing is to be done it says so.`,
		Example: `  # what would a ceremony for the Image repository do?
  keyrite plan image --reason "yearly renewal"

  # sign snapshot and timestamp anew before they expire, though nothing changed
  keyrite plan image --renew snapshot --renew timestamp

  # ask two particular officers to sign
  keyrite plan director --signers root-a,root-c

  # root-c was removed from trust.yaml: destroy it once nothing lists it any more
  keyrite plan image --destroy root-c`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			request.Repository = args[0]
			return a.plan(request)
		},
	}
	c.Flags().StringVar(&request.Reason, "reason", "", "why, in your words; it stands in the plan and the record")
	c.Flags().StringSliceVar(&request.Renew, "renew", nil, "sign this role anew although nothing changed")
	c.Flags().StringSliceVar(&request.Signers, "signers", nil, "sign with these keys only")
	c.Flags().StringSliceVar(&request.Destroy, "destroy", nil, "destroy this key on its token at the end; trust.yaml must not name it")
	return c
}

func (a *app) plan(request plan.Request) error {
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		request.Now, _ = a.now()
		p, err := plan.Derive(ws, request)
		if err != nil {
			return err
		}
		if p == nil {
			a.say("%s: nothing to do; what is signed is what trust.yaml declares", request.Repository)
			return nil
		}
		name, sum, err := plan.Write(ws, p)
		if err != nil {
			return err
		}
		return a.print(p, func(w io.Writer) { printPlan(w, p, name, sum) })
	})
}

func printPlan(w io.Writer, p *plan.Plan, name string, sum [32]byte) {
	fmt.Fprintf(w, "ceremony %s", p.Ceremony)
	if p.Reason != "" {
		fmt.Fprintf(w, ": %s", p.Reason)
	}
	fmt.Fprintf(w, "\n\nchanges\n")
	for _, c := range p.Changes {
		fmt.Fprintf(w, "  %s\n", c)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(w, "  note: %s\n", n)
	}
	if len(p.Findings) > 0 {
		fmt.Fprintf(w, "\nfindings\n")
		for _, f := range p.Findings {
			fmt.Fprintf(w, "  %s\n", f)
		}
	}
	fmt.Fprintf(w, "\nsteps\n")
	for _, s := range p.Steps {
		fmt.Fprintf(w, "  %2d  %s\n", s.Step, s)
	}
	fmt.Fprintf(w, "\nplan     %s\nsha-256  %x\nwords    %s\nnext     keyrite run %s\n", name, sum, words.Of(sum[:8]), name)
}
