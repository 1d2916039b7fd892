package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) bundleCommand() *cobra.Command {
	request := carry.BundleRequest{}
	c := &cobra.Command{
		Use:   "bundle REPOSITORY -o FILE",
		Short: "Pack what is carried to the online repository",
		Long: `Pack the signed metadata of a repository, and with --images the images it lists,
into one file in the layout of its format; and, below evidence/, what proves how it
came about: the plans, transcripts, signatures and records of the ceremonies that
made it. All of it is verified first. The same input makes the same bytes.

Files of roles that a server signs are left out: their keys are all public: in
trust.yaml, and no site holds them. The bundle says what the server has to sign
before publishing. A file that is signed here and missing ends it with 5.`,
		Example: `  keyrite bundle image -o image.tar --images images
  keyrite bundle director -o director.tar`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			request.Repository = args[0]
			now, err := a.now()
			if err != nil {
				return err
			}
			request.Now = now
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				made, err := carry.Bundle(ws, request)
				if err != nil {
					return err
				}
				if err := a.print(made, nil); err != nil {
					return err
				}
				a.sayBundled(made)
				return nil
			})
		},
	}
	c.Flags().StringVarP(&request.Out, "out", "o", "", "the bundle to write; it must not exist")
	c.Flags().StringVar(&request.Images, "images", "", "folder of the images, under their paths")
	c.Flags().StringSliceVar(&request.Despite, "despite", nil, "a supplier's role whose file is missing, expired or broken: go without it")
	c.Flags().BoolVar(&request.NoEvidence, "no-evidence", false, "leave out plans, transcripts, signatures and records")
	c.MarkFlagRequired("out")
	return a.answers(c, &carry.Made{})
}

// sayBundled says what was packed, what is missing in it, and what is next.
func (a *app) sayBundled(made *carry.Made) {
	a.say("wrote %s: %s, %s, SHA-256 %s", made.File, words.Count(made.Files, "file"), words.Count(int(made.Bytes), "byte"), made.SHA256)
	for _, lost := range made.Report.Lost {
		a.say("warning: it goes without %s; no client installs what is delegated to it (%s): %s", words.Line(lost.Role), words.Line(words.List(lost.Paths)), lost.Problem)
	}
	for _, role := range slices.Sorted(maps.Keys(made.Passed)) {
		a.say("warning: a new file of %s is passed over, the one that is published is packed: %s", words.Line(role), made.Passed[role])
	}
	for _, c := range made.Ceremonies {
		for _, who := range c.Unsigned {
			a.say("note: witness %s has not signed %s", words.Line(who), c.Name)
		}
	}
	for _, due := range made.Server {
		a.say("%s", demand("next: ", due, columns))
	}
}

func (a *app) unbundleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "unbundle FILE DIR",
		Short:   "Unpack a bundle into a new folder",
		Long:    "Unpack a bundle into a folder that does not exist yet. Anything but the files that its manifest lists is refused, and then nothing is left behind.",
		Example: "  keyrite unbundle image.tar published/image",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			unpacked, err := bundle.Unpack(args[0], args[1])
			if err != nil {
				return err
			}
			return a.print(unpacked, nil)
		},
	}
	return a.answers(c, &bundle.Unpacked{})
}
