package main

import (
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) initCommand() *cobra.Command {
	options := workspace.InitParams{}
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a new workspace, ready to edit",
		Long: `Make a workspace with a commented trust.yaml (who should be trusted for what) and
site.yaml (this room: modules, tokens) for an Image and a Director repository.`,
		Example: `  keyrite init roadster
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
			if err := workspace.Init(dir, options); err != nil {
				return err
			}
			a.say("made %s/trust.yaml and %s/site.yaml", dir, dir)
			a.say("next: edit both, then keyrite -C %s plan image", dir)
			return nil
		},
	}
	c.Flags().StringVar(&options.Fleet, "fleet", "", "name of the fleet (default: of the directory)")
	c.Flags().StringVar(&options.Format, "format", "tuf", "wire format: tuf or ota-ce")
	return c
}
