package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
)

func (a *app) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "The best practices as checks, each with its source",
		Long: `Policies are the Uptane Standard and the Uptane Deployment Best Practices as
executable checks. They run in plan, again in run right before signing, and here.`,
		Args: cobra.NoArgs,
		RunE: help,
	}
	c.AddCommand(a.policyShowCommand(), a.policyCheckCommand(), a.policyExplainCommand())
	return c
}

func (a *app) policyShowCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "show [POLICY]",
		Short:   "The effective policy, each line with its source",
		Long:    "Show a preset (uptane-image, uptane-director, uptane-small, tuf) or a policy file: every limit with its source, and every check with id and severity.",
		Example: "  keyrite policy show uptane-image\n  keyrite policy show policies/ours.yaml --output json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "uptane-image"
			if len(args) == 1 {
				name = args[0]
			}
			shown, err := audit.ShowPolicy(name)
			if err != nil {
				return err
			}
			return a.print(shown, func(w io.Writer) { fmt.Fprint(w, shown) })
		},
	}
	return a.answers(c, policies.Effective{})
}

func (a *app) policyCheckCommand() *cobra.Command {
	request, sarif := audit.PolicyRequest{}, false
	c := &cobra.Command{
		Use:   "check PATH",
		Short: "Hold a workspace, bundle or metadata folder against a policy",
		Long: `Hold a workspace, a bundle or a folder of metadata, also one that another tool
made, against a policy. Exits with 3 when an error stands, so that CI can gate on it.`,
		Example: `  keyrite policy check .
  keyrite policy check image.tar --policy uptane-image
  keyrite policy check published/metadata --sarif > keyrite.sarif`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			request.Path = args[0]
			now, err := a.now()
			if err != nil {
				return err
			}
			request.Now = now
			results, skipped, err := audit.CheckPolicy(request)
			if err != nil {
				return err
			}
			for _, name := range skipped {
				a.say("%s: skipped, nothing is signed yet", name)
			}
			if sarif && a.json() {
				return fault.Errorf(fault.Usage, "--sarif is a format of its own; want it or --output %s", a.output)
			}
			if sarif {
				return a.printSARIF(request.Path, results)
			}
			if err := a.print(judgement{results, skipped}, func(w io.Writer) { printFindings(w, results) }); err != nil {
				return err
			}
			return audit.RefusedByPolicy(results)
		},
	}
	c.Flags().StringVar(&request.Policy, "policy", "", "preset or policy file (default: that of trust.yaml, or tuf)")
	c.Flags().BoolVar(&sarif, "sarif", false, "write SARIF 2.1.0")
	return a.answers(c, judgement{})
}

// judgement is what a policy says of each repository, and which have nothing signed.
type judgement struct {
	Repositories map[string]policies.Result `json:"repositories"`
	Skipped      []string                   `json:"skipped,omitempty"`
}

func (a *app) printSARIF(artifact string, results map[string]policies.Result) error {
	var list []policies.Result
	for _, name := range slices.Sorted(maps.Keys(results)) {
		list = append(list, results[name])
	}
	data, err := policies.SARIF(artifact, version(), list...)
	if err != nil {
		return err
	}
	if _, err := a.stdout.Write(append(data, '\n')); err != nil {
		return err
	}
	return audit.RefusedByPolicy(results)
}

func printFindings(w io.Writer, results map[string]policies.Result) {
	for _, name := range slices.Sorted(maps.Keys(results)) {
		printResult(w, name, results[name])
	}
}

func printResult(w io.Writer, name string, r policies.Result) {
	fmt.Fprintf(w, "%s: policy %s, %s, %s passed, %d could not be judged\n", name, r.Policy, words.Count(len(r.Findings), "finding"), words.Count(len(r.Passed), "check"), len(r.Unknown))
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s\n", f)
	}
}

func (a *app) policyExplainCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "explain ID",
		Short:   "What a check wants and where it comes from, or what a clause asks",
		Example: "  keyrite policy explain KEYS-DISTINCT\n  keyrite policy explain TUF-006",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			explained, err := policies.Explain(args[0])
			if err != nil {
				return fault.Errorf(fault.Usage, "%w", err).Suggest(args[0], policies.IDs())
			}
			return a.print(explained, func(w io.Writer) { fmt.Fprintln(w, explained) })
		},
	}
	return a.answers(c, policies.Explanation{})
}
