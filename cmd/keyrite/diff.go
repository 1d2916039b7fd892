package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) diffCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "What changes between two metadata files, folders or bundles",
		Long: `Tell the difference of two metadata files, or of everything in two folders of
metadata or bundles, in words: keys, thresholds, paths, images, dates. Nothing is
verified. Run it in a workspace, or with -C, to see the names of keys.`,
		Example: `  keyrite diff image/metadata/1.root.json image/metadata/2.root.json
  keyrite diff old-image.tar new-image.tar --output json`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := audit.Diff(args[0], args[1], workspace.KeyNames(a.dir))
			if err != nil {
				return err
			}
			for _, odd := range found.Odd {
				a.say("note: %s", words.Line(odd.String()))
			}
			return a.print(found, func(w io.Writer) {
				for _, c := range found.Changes {
					fmt.Fprintln(w, c)
				}
				if len(found.Changes) == 0 {
					a.say("no difference")
				}
			})
		},
	}
	return a.answers(c, &audit.Difference{})
}
