package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) initCommand() *cobra.Command {
	options := declare.InitParams{TryOut: preflight.OfTheMachine}
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a new workspace, ready to edit",
		Long: `Make a workspace with a commented trust.yaml (who should be trusted for what) and
site.yaml (this room: modules, tokens) for an Image and a Director repository. With
--softhsm the room is for trying out: SoftHSM2 tokens in its hsm/, and waivers of what
any machine lacks. Files for git keep every byte as it is, and site.yaml out.

Another site works in a clone or copy: keyrite init --site NAME makes its site.yaml.`,
		Example: `  keyrite init roadster

  # try it out
  keyrite init roadster --softhsm
  keyrite init roadster --format ota-ce`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := a.dir
			if len(args) == 1 {
				dir = args[0]
			}
			absolute, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			if options.Fleet == "" {
				options.Fleet = filepath.Base(absolute)
			}
			_, statErr := os.Lstat(filepath.Join(dir, workspace.TrustFile))
			if err := declare.Init(dir, options); err != nil {
				return err
			}
			if statErr == nil { // else it was refused
				a.say("made %s/site.yaml of site %s", dir, options.Site)
				return a.print(newWorkspace{Dir: dir, Files: []string{workspace.SiteFile}}, nil)
			}
			made := newWorkspace{dir, options.Fleet, options.Format, []string{workspace.TrustFile, workspace.SiteFile}}
			if err := a.print(made, nil); err != nil {
				return err
			}
			a.say("made %s/trust.yaml and %s/site.yaml", dir, dir)
			if options.SoftHSM {
				a.say("next: cd %s, then keyrite token init LABEL... --add", dir)
				return nil
			}
			a.say("next: edit both, then keyrite -C %s token module add PATH and keyrite -C %s token init LABEL... --add", dir, dir)
			return nil
		},
	}
	c.Flags().StringVar(&options.Fleet, "fleet", "", "name of the fleet (default: of the directory)")
	c.Flags().StringVar(&options.Site, "site", "", "name of this site (default main); in a workspace that has no site.yaml, make that alone")
	c.Flags().BoolVar(&options.SoftHSM, "softhsm", false, "a room for trying out, with SoftHSM2 tokens")
	c.Flags().StringVar(&options.Format, "format", "tuf", "wire format: tuf or ota-ce")
	return a.answers(c, newWorkspace{})
}

// newWorkspace is a workspace that was made.
type newWorkspace struct {
	Dir    string   `json:"dir"`
	Fleet  string   `json:"fleet,omitempty"`
	Format string   `json:"format,omitempty"` // of both repositories
	Files  []string `json:"files"`            // to edit, in the folder
}
