package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/onlineedit"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/theft"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

func (a *app) planCommand() *cobra.Command {
	request, how := plan.Request{}, planning{}
	c := &cobra.Command{
		Use:   "plan REPOSITORY",
		Short: "Derive a ceremony from trust.yaml and what is signed now",
		Long: `Compare trust.yaml with the metadata that is signed now and derive the ceremony
that makes them equal: which keys to generate, which files to sign, whose
signatures are needed, what changes, what vehicles will notice of keys that
change, what a server has to sign afterwards. What is due for renewal is signed anew too,
unless --later leaves it. The plan is a file to be reviewed; nothing is signed. When nothing is to be done it says so. Tokens that are plugged in are looked
at, without a login: what they cannot do is said now.

Keys that are to be generated and have no token in site.yaml are named, all of them;
at a terminal it offers to write the lines.

A server of OTA CE whose targets key is offline answers an edit of its images with status
412 and with what has to be signed. --request takes that answer: it must be the targets
that are signed here but for some images, which are shown, and by the keys of root. The
images file then lists them, and the plan signs them and nothing else that is new.

Print what it shows: keyrite run asks for words of the plan and of the room from
that paper. A plan that does the same as one that has not run yet is that one.`,
		Example: `  # what would a ceremony for the Image repository do?
  keyrite plan image --reason "yearly renewal"

  # sign snapshot and timestamp anew before they expire, though nothing changed
  keyrite plan image --renew snapshot --renew timestamp

  # ask two particular officers to sign
  keyrite plan director --signers root-a,root-c

  # the Director's server was broken into: what can the thief do, and which keys
  # have to go? Once trust.yaml names new ones in their place: are they all?
  keyrite plan director --stolen director-targets,director-snapshot,director-timestamp

  # root-c was stolen: name new keys in its place, the fewest that end it, and
  # plan that
  keyrite plan image --stolen root-c --rotate

  # new targets keys, so that vehicles verify whatever they get meanwhile; twice
  keyrite plan image --gradual

  # an emergency kit: the next root without root-c, signed by root-a alone, in
  # an envelope; and the day on which root-c is stolen
  keyrite plan image --emergency without-root-c --stolen root-c --signers root-a
  keyrite plan image --complete without-root-c --rotate --stolen root-c

  # root-c is gone from trust.yaml: destroy it once nothing lists it any more
  keyrite plan image --destroy root-c

  # the server asks for a signature: its answer to somebody's edit, status 412
  keyrite plan image --request answer.json

  # in a script: is there anything to do?
  keyrite plan image --detailed-exitcode || [ $? = 7 ]

  # show a plan again
  keyrite plan show 2026-11-22-image-1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Repository = args[0]
			if request.Now, err = a.now(); err != nil {
				return err
			}
			return a.plan(cmd.Context(), request, how)
		},
	}
	c.Flags().StringVar(&how.request, "request", "", "sign what a server asks for: the file with its answer, status 412")
	c.Flags().StringVar(&request.Reason, "reason", "", "why, in your words; it stands in the plan and the record")
	c.Flags().StringSliceVar(&request.Renew, "renew", nil, "sign this role anew although nothing changed")
	c.Flags().StringSliceVar(&request.Later, "later", nil, "leave this role as it is although it is due for renewal")
	c.Flags().BoolVar(&request.Gradual, "gradual", false, "keep old keys of targets, snapshot and timestamp in root until the new ones have signed; a later root drops them")
	c.Flags().StringSliceVar(&request.Signers, "signers", nil, "sign with these keys only")
	c.Flags().StringSliceVar(&request.Destroy, "destroy", nil, "destroy this key on its token at the end; trust.yaml must not name it")
	c.Flags().StringSliceVar(&request.Stolen, "stolen", nil, "somebody else may have this key: refuse a plan that leaves it trusted, or a key that was beside it")
	c.Flags().StringSliceVar(&request.Lost, "lost", nil, "nobody can sign with this key: plan without it, and say what is left")
	c.Flags().StringVar(&request.Override, "override", "", "why root is signed again under a version that was signed already and never published")
	c.Flags().BoolVar(&how.rotate, "rotate", false, "with --stolen and --lost: have trust.yaml name new keys in the place of those that have to go; with --complete: those of the kit")
	c.Flags().StringVar(&request.Emergency, "emergency", "", "seal a kit of this name: the next root, signed by fewer than it needs, which vehicles do not get yet")
	c.Flags().StringToStringVar(&request.Replace, "replace", nil, "with --emergency: OLD=NEW, a key in the place of another one (default: what --stolen and --lost want)")
	c.Flags().StringVar(&request.Complete, "complete", "", "put the root of this emergency kit in place: its name, or its file")
	c.Flags().BoolVar(&how.detailed, "detailed-exitcode", false, "end with 7 when there is a plan, with 0 when nothing is to be done")
	for _, other := range []string{"stolen", "lost", "rotate", "gradual", "override"} {
		c.MarkFlagsMutuallyExclusive("request", other)
	}
	c.AddCommand(a.planShowCommand())
	return a.answers(c, &shownPlan{})
}

func (a *app) planShowCommand() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use:   "show CEREMONY",
		Short: "Show a plan again, with its words and those of the room",
		Example: `  keyrite plan show 2026-11-22-image-1

  # every change, not only the first ones
  keyrite plan show 2026-11-22-image-1 --all`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, err := a.ceremony(ws, args)
				if err != nil {
					return err
				}
				return a.showPlan(ws, name, all)
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "every change, not only the first ones")
	return a.answers(c, &shownPlan{})
}

func (a *app) showPlan(ws *workspace.Workspace, name string, all bool) error {
	p, sum, err := plan.Read(ws, name)
	if err != nil {
		return err
	}
	site, err := ws.Site()
	if err != nil {
		return err
	}
	changes := p.Changes.First
	if all {
		if changes, err = plan.ReadChanges(ws, p); err != nil {
			return err
		}
	}
	shown := &shownPlan{Repository: p.Repository, Plan: p, SHA256: sum, Room: site.SHA256()}
	if all {
		shown.Changes = changes
	}
	return a.print(shown, func(w io.Writer) { shown.text(w, changes) })
}

// planMade is the exit code of plan --detailed-exitcode where there is a plan. Wrong
// usage has the 2 that others give it.
const planMade = 7

// planning is how a plan is made, beside what it is asked for.
type planning struct {
	detailed, rotate bool
	request          string // the file with what a server asks for; empty: none
}

func (a *app) plan(ctx context.Context, request plan.Request, how planning) error {
	shown := &shownPlan{Repository: request.Repository}
	return a.withWorkspace(func(ws *workspace.Workspace) (err error) {
		if err := a.assess(ws, &request, how, shown); err != nil {
			return err
		}
		if err := a.takeKit(ws, &request, how, shown); err != nil {
			return err
		}
		made, err := a.makePlan(ctx, ws, request, how.request, shown)
		if err != nil {
			return rotatable(err, request, shown)
		}
		if shown.Plan = made.Plan; shown.Plan == nil {
			shown.Nothing = true
			a.say("%s: nothing to do; what is signed is what trust.yaml declares", request.Repository)
			for _, s := range made.Suppliers {
				a.say("%s", strings.TrimRight(page.Fill("supplier: ", s.String(), columns), "\n"))
			}
			return a.print(shown, nil)
		}
		if how.detailed {
			a.code = planMade
		}
		if made.SameAs {
			a.say("same as %s, which has not run yet", made.Plan.Ceremony)
		}
		shown.SHA256, shown.Room, shown.SameAs, shown.Warnings = made.SHA256, made.Room, made.SameAs, derive.Assigned(made.Scene, ws)
		if err := a.print(shown, func(w io.Writer) { shown.text(w, made.Plan.Changes.First) }); err != nil {
			return err
		}
		for _, line := range shown.Warnings {
			a.say("%s", strings.TrimRight(page.Fill("warning: ", roles.Printable(line.String()), columns), "\n"))
		}
		shown.Tokens, err = a.lookAtTokens(ctx, made.Plan)
		return err
	})
}

// lookAtTokens says what the tokens that are here cannot do of a plan.
func (a *app) lookAtTokens(ctx context.Context, p *plan.Plan) (lacks []preflight.Lack, err error) {
	err = a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) (err error) {
		lacks, err = preflight.Tokens(ctx, ws, p)
		return err
	})
	for _, lack := range lacks {
		a.say("%s", lack)
	}
	return lacks, err
}

// makePlan makes a plan; that of what a server asks for, if there is a file with it. Where
// keys have no token, it offers people to say which.
func (a *app) makePlan(ctx context.Context, ws *workspace.Workspace, request plan.Request, asked string, shown *shownPlan) (made *derive.Made, err error) {
	if asked != "" {
		made, shown.Asked, err = onlineedit.Take(ws, asked, request)
		if shown.Asked != nil {
			a.say("%s", shown.Asked)
			err = cmp.Or(a.print(shown, nil), err) // also where it is refused
		}
		return made, err
	}
	made, err = derive.Make(ws, request)
	homeless := (*derive.Homeless)(nil)
	if !errors.As(err, &homeless) || !a.prompter().Asks() {
		return made, err
	}
	a.say("%s", homeless)
	trust, err := derive.TrustOf(ws, request)
	if err != nil {
		return nil, err
	}
	if err := custody.Assign(ctx, a.room(ws), trust, request.Repository, homeless.Keys); err != nil {
		return nil, err
	}
	return derive.Make(ws, request)
}

// shownPlan is a plan with the hashes that people compare.
type shownPlan struct {
	Repository string              `json:"repository"`
	Nothing    bool                `json:"nothing-to-do,omitempty"` // what is signed is what trust.yaml declares; there is no plan
	Plan       *plan.Plan          `json:"plan,omitempty"`
	SHA256     digest.SHA256       `json:"plan-sha256,omitzero"`
	Room       digest.SHA256       `json:"room-sha256,omitzero"`
	SameAs     bool                `json:"same-as,omitempty"`  // it was there already
	Changes    []roles.Change      `json:"changes,omitempty"`  // all of them, where that was asked for
	Theft      *theft.Assessment   `json:"theft,omitempty"`    // of --stolen and --lost
	Asked      *onlineedit.Request `json:"request,omitempty"`  // of --request
	Rotated    *theft.Rotated      `json:"rotated,omitempty"`  // by --rotate
	Warnings   []derive.Warning    `json:"warnings,omitempty"` // what is odd about it
	Tokens     []preflight.Lack    `json:"tokens,omitempty"`   // what the tokens that are here cannot do of it
}

func (shown *shownPlan) text(w io.Writer, changes []roles.Change) {
	p := planText{shown.Plan}
	fmt.Fprintf(w, "ceremony %s", p.Ceremony)
	if p.Reason != "" {
		fmt.Fprintf(w, ": %s", p.Reason)
	}
	fmt.Fprintf(w, "\n\nchanges\n")
	p.changes(w, changes)
	p.vehicles(w)
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
	for _, line := range p.Ledgers.Text() {
		fmt.Fprintf(w, "\nledger   %s\n", line)
	}
	fmt.Fprintf(w, "\nplan     %s/plan.yaml\nsha-256  %s\nwords\n%s\n", p.Dir(), shown.SHA256, terminalOf(w).Words(shown.SHA256))
	fmt.Fprintf(w, "\nroom     site.yaml\nsha-256  %s\nwords\n%s\n", shown.Room, terminalOf(w).Words(shown.Room))
	fmt.Fprintf(w, "\nnext     keyrite runbook %s, print it, then keyrite run %s\n", p.Ceremony, p.Ceremony)
}

// columns is how wide a line of prose is.
const columns = 80

// demand is what a server has to sign, behind head, in lines of a width.
func demand(head string, due roles.Due, width int) string {
	return strings.TrimRight(page.Fill(head, due.String(), width), "\n")
}

// planText is a plan that is told.
type planText struct{ *plan.Plan }

// vehicles tells what they will notice, together for keys that change together.
func (p planText) vehicles(w io.Writer) {
	head := ""
	for _, n := range p.Notices {
		if head == "" {
			fmt.Fprintf(w, "\nvehicles\n")
		}
		if n.Head() != head {
			head = n.Head()
			fmt.Fprint(w, page.Fill("  ", head, columns))
		}
		fmt.Fprint(w, page.Fill("    - ", n.Text(), columns))
	}
}

// changes tells what is signed and why, file by file.
func (p planText) changes(w io.Writer, changes []roles.Change) {
	for _, f := range p.Files {
		fmt.Fprintf(w, "  %s %d: %s; expires %s\n", f.Role, f.Version, f.Why, roles.FormatTime(f.Expires))
		for _, c := range changes {
			if c.Role == f.Role {
				fmt.Fprintf(w, "    %s\n", c.Short())
			}
		}
	}
	for _, s := range p.Suppliers {
		fmt.Fprintf(w, "  %s\n", s)
		for _, c := range changes {
			if c.Role == s.Role {
				fmt.Fprintf(w, "    %s\n", c.Short())
			}
		}
	}
	if more := p.Changes.Count - len(changes); more > 0 {
		fmt.Fprintf(w, "  … and %s more: keyrite plan show %s --all\n", words.Count(more, "change"), p.Ceremony)
	}
	for _, e := range p.Elsewhere {
		fmt.Fprintf(w, "  note: %s\n", e)
	}
	for _, due := range p.Server {
		fmt.Fprintln(w, demand("  next: ", due, columns))
	}
	if len(p.Then) > 0 {
		fmt.Fprint(w, page.Fill("  then: ", fmt.Sprintf("once this is published, keyrite plan %s --gradual drops %s", p.Repository, words.List(p.Then)), columns))
	}
	for _, key := range p.Destroy {
		fmt.Fprintf(w, "  key %s: destroyed on its token at the end, for good\n", key)
	}
	if p.Emergency != "" {
		fmt.Fprint(w, page.Fill("  kit: ", fmt.Sprintf("%s is sealed: nobody gets this root before others sign it too", p.Emergency), columns))
	}
	for _, name := range p.Void {
		fmt.Fprint(w, page.Fill("  void: ", fmt.Sprintf("the emergency kit %s is given up: its root is signed again with other bytes; destroy every copy", name), columns))
	}
	if p.Override != "" {
		fmt.Fprintf(w, "  override: a version that was signed already is signed again: %s\n", p.Override)
	}
}
