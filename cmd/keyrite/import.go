package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/takeover"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

func (a *app) importCommand() *cobra.Command {
	request, update, root := takeover.Request{}, false, ""
	c := &cobra.Command{
		Use:   "import PATH...",
		Short: "Take over a running repository: its metadata becomes a workspace",
		Long: `Take over a repository that another tool has signed so far. Every root from 1, all
roles, delegations and keys are read from folders and files, verified from root 1,
which somebody compares, and put into the workspace; trust.yaml is derived from
them. Key ids and fields that keyrite does not know stay as they are.

PATH is a published folder, a bundle, the folder of uptane-sign (tuf/REPO),
tuf-on-ci, RSTUF or uptane-generator, or a single file of metadata or of a public
key. Several belong to one repository.

With --update, newer metadata comes into a repository that the workspace has: what
its online side or a supplier has signed since, verified from what is here.`,
		Example: `  # a running Image repository becomes a workspace
  keyrite -C roadster import published/image

  # what uptane-sign holds, and the roots before
  keyrite -C roadster import tuf/image 1.root.json 2.root.json

  # in a script: root 1 was compared before
  keyrite -C roadster import published/image --root-sha256 9f86…

  # the server has signed snapshot and timestamp
  keyrite import --update --repository image published/image`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.From = args
			if request.Root, err = hashFlag("root-sha256", root); err != nil {
				return err
			}
			if update {
				return a.update(request)
			}
			return a.takeOver(cmd.Context(), request)
		},
	}
	c.Flags().StringVar(&request.Repository, "repository", "image", "what the workspace calls the repository")
	c.Flags().StringVar(&request.Fleet, "fleet", "", "name of the fleet (default: of the workspace's folder)")
	c.Flags().StringVar(&request.Policy, "policy", "tuf", "preset that trust.yaml names")
	c.Flags().StringSliceVar(&request.Online, "online", nil, "roles that an online service signs (default: snapshot and timestamp, a Director's targets too)")
	c.Flags().StringVar(&root, "root-sha256", "", "SHA-256 of the file 1.root.json, compared elsewhere")
	c.Flags().BoolVar(&update, "update", false, "take newer metadata into a repository that is here")
	return a.answers(c, shownTaken{})
}

func (a *app) takeOver(ctx context.Context, request takeover.Request) error {
	absolute, err := filepath.Abs(a.dir)
	if err != nil {
		return err
	}
	if request.Fleet == "" {
		request.Fleet = filepath.Base(absolute)
	}
	if _, err := policies.Preset(request.Policy); err != nil {
		return fault.Errorf(fault.Usage, "--policy: %w", err).Suggest(request.Policy, policies.Presets())
	}
	undo, err := makeDir(a.dir)
	if err != nil {
		return err
	}
	defer undo()
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		taken, err := takeover.Import(ctx, a.room(ws), request)
		if err != nil {
			return err
		}
		results, _, err := audit.CheckPolicy(audit.PolicyRequest{Path: a.dir, Now: clock()})
		if err != nil {
			return err
		}
		result := results[request.Repository]
		shown := shownTaken{taken, &result}
		if err := a.print(shown, func(w io.Writer) { shown.text(w) }); err != nil {
			return err
		}
		a.say("next: name the keys that shall sign in trust.yaml and their tokens in site.yaml, then keyrite -C %s plan %s", a.dir, request.Repository)
		return nil
	})
}

// makeDir makes the folder of a workspace, and takes it away again if it stays empty.
func makeDir(dir string) (undo func(), err error) {
	if err := os.Mkdir(dir, 0o755); errors.Is(err, os.ErrExist) {
		return func() {}, nil
	} else if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: err}
	}
	return func() { os.Remove(dir) }, nil // which leaves a folder that holds something
}

func (a *app) update(request takeover.Request) error {
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		taken, err := takeover.Update(a.room(ws), request.Repository, request.From)
		if err != nil {
			return err
		}
		if len(taken.Files) == 0 {
			a.say("%s: nothing is newer than what is here", request.Repository)
		}
		return a.print(shownTaken{taken, nil}, func(w io.Writer) { printTaken(w, taken) })
	})
}

// shownTaken is what was taken over, with what is unusual about it.
type shownTaken struct {
	*takeover.Taken
	Policy *policies.Result `json:"policy,omitempty"` // of a repository that is new here
}

func (t shownTaken) text(w io.Writer) {
	printTaken(w, t.Taken)
	printResult(w, "policy", *t.Policy)
}

func printTaken(w io.Writer, t *takeover.Taken) {
	fmt.Fprintf(w, "%s (%s)\n", t.Repository, t.Format)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range t.Files {
		fmt.Fprintf(table, "  %s\tversion %d\texpires %s\n", words.Printable(f.Path), f.Version, roles.FormatTime(f.Expires))
	}
	for _, k := range t.Keys {
		where := "signs elsewhere"
		if k.External {
			where = "external"
		}
		if !k.Own {
			where += ", foreign key id, kept"
		}
		fmt.Fprintf(table, "  key %s\t%s\t%s: %s\n", k.Name, k.Type, words.Printable(words.List(k.Roles)), where)
	}
	table.Flush()
	for _, role := range t.Missing {
		fmt.Fprintf(w, "  missing: %s\n", role)
	}
	for _, note := range t.Notes {
		fmt.Fprintf(w, "  note: %s\n", words.Line(note.Text))
	}
}
