package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/incident"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/theft"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/scripts/runbooks"
)

func (a *app) incidentCommand() *cobra.Command {
	what := incident.Case{}
	c := &cobra.Command{
		Use:   "incident",
		Short: "What to do now: the runbook, and the plan",
		Long: `Ask three questions (what is it about, what has happened, which keys) and name the
runbook and the commands that plan it; for stolen keys, say what a thief can do. It
changes nothing. Without a terminal, the flags answer.`,
		Example: `  keyrite incident

  keyrite incident --about key --happened stolen --of root-c,officer-1
  keyrite incident show root-key-stolen`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error { return a.incident(cmd.Context(), ws, what) })
		},
	}
	c.Flags().StringVar(&what.About, "about", "", "key, supplier, software, people, machine or change")
	c.Flags().StringVar(&what.Happened, "happened", "", "what has happened to it, in one word: lost, stolen, …")
	c.Flags().StringSliceVar(&what.Of, "of", nil, "keys or tokens that are lost or stolen; roles that expire")
	c.AddCommand(a.incidentShowCommand(), a.incidentListCommand())
	return a.answers(c, foundRunbook{})
}

// foundRunbook is what to do.
type foundRunbook struct {
	*incident.Found
	Thefts []*theft.Assessment `json:"thefts,omitempty"` // what the keys that are lost or stolen mean
	Kits   []kits.State        `json:"kits,omitempty"`   // sealed emergency kits that replace some of these keys
}

func (a *app) incident(ctx context.Context, ws *workspace.Workspace, what incident.Case) error {
	trust, err := ws.Trust()
	if err != nil {
		return err
	}
	site, err := ws.Site()
	if err != nil {
		return err
	}
	if err := what.Ask(ctx, a.prompter()); err != nil {
		return err
	}
	now, err := a.now()
	if err != nil {
		return err
	}
	result := foundRunbook{}
	if result.Found, err = what.Find(trust, site); err != nil {
		return err
	}
	for _, of := range result.Affected {
		var stolen, lost []string
		if what.Happened == "stolen" {
			stolen = of.Keys
		} else {
			lost = of.Keys
		}
		assessed, err := theft.Assess(ws, of.Repository, stolen, lost, now)
		if err != nil { // the runbook is wanted all the same
			a.say("%s: what this means cannot be said: %s", of.Repository, words.Line(err.Error()))
			continue
		}
		result.Thefts = append(result.Thefts, assessed)
	}
	if err := result.addKits(ws, now); err != nil {
		a.say("emergency kits: %s", words.Line(err.Error()))
	}
	return a.print(result, result.text)
}

// addKits names the emergency kits that are good and replace keys which are lost or
// stolen.
func (f *foundRunbook) addKits(ws *workspace.Workspace, now time.Time) error {
	past, err := ceremonies.ReadUnfinished(ws)
	if err != nil {
		return err
	}
	sealed, err := kits.All(ws, past, now)
	for _, k := range sealed {
		for _, of := range f.Affected {
			helps := slices.ContainsFunc(of.Keys, func(key string) bool { return k.Replace[key] != "" })
			if k.Repository == of.Repository && helps && k.Stale == nil {
				f.Kits = append(f.Kits, k)
				f.Commands = append(f.Commands, fmt.Sprintf("keyrite plan %s --complete %s --rotate", k.Repository, k.Name))
			}
		}
	}
	return err
}

func (f foundRunbook) text(w io.Writer) {
	for _, theft := range f.Thefts {
		fmt.Fprintf(w, "%s\n", theft.Repository)
		for _, line := range theft.Lines() {
			fmt.Fprint(w, page.Fill("  "+line.Head, line.Text, columns))
		}
	}
	fmt.Fprintf(w, "runbook  keyrite incident show %s\n", f.Runbook)
	for _, k := range f.Kits {
		fmt.Fprint(w, page.Fill("kit      ", fmt.Sprintf("%s is sealed for this, by %s: keyrite incident show emergency-kit", k.Name, words.List(k.Signers)), columns))
	}
	for _, command := range f.Commands {
		fmt.Fprintf(w, "plan     %s\n", command)
	}
}

func (a *app) incidentShowCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "show NAME",
		Short:   "Show a runbook",
		Example: "  keyrite incident show lost-token | less",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, found := runbooks.Text(args[0])
			if !found {
				return fault.Errorf(fault.Usage, "there is no runbook %s; want one of %s", words.Quote(args[0]), words.List(runbooks.Names())).Suggest(args[0], runbooks.Names())
			}
			return a.print(shownRunbook{args[0], text}, func(w io.Writer) { fmt.Fprint(w, text) })
		},
	}
	return a.answers(c, shownRunbook{})
}

// shownRunbook is a runbook, in Markdown.
type shownRunbook struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func (a *app) incidentListCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "The situations that have a runbook",
		Example: "  keyrite incident list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list := runbookList{}
			for _, name := range runbooks.Names() {
				text, _ := runbooks.Text(name)
				list.Runbooks = append(list.Runbooks, listedRunbook{name, strings.TrimPrefix(strings.SplitN(text, "\n", 2)[0], "# ")})
			}
			return a.print(list, func(w io.Writer) {
				for _, r := range list.Runbooks {
					fmt.Fprintf(w, "%-28s %s\n", r.Name, r.Title)
				}
			})
		},
	}
	return a.answers(c, runbookList{})
}

// runbookList is the runbooks that there are.
type runbookList struct {
	Runbooks []listedRunbook `json:"runbooks"`
}

type listedRunbook struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}
