package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/words"
	"golang.org/x/term"
)

func (a *app) hashCommand() *cobra.Command {
	request := images.HashRequest{}
	var counter int64
	c := &cobra.Command{
		Use:   "hash DIR -o FILE",
		Short: "List images with their lengths and hashes",
		Long: `Write images.yaml for the images in a folder: path, length, SHA-256 and SHA-512.
With --update the file is replaced, and what you wrote under custom is kept.`,
		Example: `  keyrite hash images -o images.yaml --hardware-id brake-ecu --release-counter 1
  keyrite hash images -o images.yaml --update`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			request.Dir = args[0]
			if c.Flags().Changed("release-counter") {
				request.ReleaseCounter = &counter
			}
			progress, end := a.progress("hashing")
			hashed, err := images.Hash(c.Context(), request, progress)
			end()
			if err != nil {
				return err
			}
			if err := a.print(hashed, nil); err != nil {
				return err
			}
			for _, path := range hashed.Gone {
				a.say("gone: %s", path)
			}
			a.say("wrote %s: %s, %s", request.Out, words.Count(hashed.Images, "image"), words.Count(int(hashed.Bytes), "byte"))
			return nil
		},
	}
	c.Flags().StringVarP(&request.Out, "out", "o", "", "the list to write, outside of DIR; without --update it must not exist")
	c.Flags().BoolVar(&request.Update, "update", false, "replace the list, and keep its custom")
	c.Flags().StringArrayVar(&request.HardwareIDs, "hardware-id", nil, "for images without custom: an ECU that may install them (repeat)")
	c.Flags().Int64Var(&counter, "release-counter", 0, "for images without custom: their release counter")
	c.MarkFlagRequired("out")
	return a.answers(c, &images.Hashed{})
}

// progress shows how far long work is, in percent, where stderr is a terminal.
// end leaves the line.
func (a *app) progress(what string) (show func(done, total int64), end func()) {
	if !term.IsTerminal(int(a.stderr.Fd())) {
		return nil, func() {}
	}
	shown := int64(-1)
	show = func(done, total int64) {
		if percent := 100 * done / max(total, 1); percent != shown {
			shown = percent
			fmt.Fprintf(a.stderr, "\r%s: %d%% of %d bytes", what, percent, total)
		}
	}
	return show, func() {
		if shown >= 0 {
			fmt.Fprintln(a.stderr)
		}
	}
}
