package main

import (
	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/words"
)

func (a *app) hashCommand() *cobra.Command {
	request := images.HashRequest{}
	var counter int64
	c := &cobra.Command{
		Use:   "hash DIR|LIST... -o FILE",
		Short: "List images with their lengths and hashes",
		Long: `Write images.yaml for the images in a folder: path, length, SHA-256 and SHA-512.
With --update the file is replaced, and what you wrote under custom is kept. After an
interruption the same command goes on: an image whose size, times and inode are as
they were when you last read it is not read again, unless --all is given.

LIST is a list that was made elsewhere: what sha256sum or sha512sum prints, CSV with a
line of names (path, length, sha256, sha512), JSON, or an images.yaml. --check DIR
reads the images that it lists and refuses those that are otherwise or not there (exit
code 4); with -o too, what was read is written.`,
		Example: `  keyrite hash images -o images.yaml --hardware-id brake-ecu --release-counter 1
  keyrite hash images -o images.yaml --update

  # are the images those that the supplier listed?
  keyrite hash SHA256SUMS --check images

  # and if they are, list them with all that metadata needs
  keyrite hash SHA256SUMS --check images -o images.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			request.From = args
			if request.Out == "" && request.Check == "" {
				return fault.Errorf(fault.Usage, "--out is missing")
			}
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
			a.sayHashed(request, hashed)
			return nil
		},
	}
	c.Flags().StringVarP(&request.Out, "out", "o", "", "the list to write, outside of DIR; without --update it must not exist")
	c.Flags().BoolVar(&request.Update, "update", false, "replace the list, and keep its custom")
	c.Flags().StringVar(&request.Check, "check", "", "read the images in this folder that LIST lists, and compare")
	c.Flags().BoolVar(&request.All, "all", false, "read also images that did not change since they were read last")
	c.Flags().StringArrayVar(&request.HardwareIDs, "hardware-id", nil, "for images without custom: an ECU that may install them (repeat)")
	c.Flags().Int64Var(&counter, "release-counter", 0, "for images without custom: their release counter")
	return a.answers(c, &images.Hashed{})
}

func (a *app) sayHashed(request images.HashRequest, hashed *images.Hashed) {
	for _, path := range hashed.Gone {
		a.say("gone: %s", path)
	}
	if hashed.Recalled > 0 {
		a.say("not read again, since it did not change: %s; --all reads them", words.Count(hashed.Recalled, "image"))
	}
	count, bytes := words.Count(hashed.Images, "image"), words.Count(int(hashed.Bytes), "byte")
	if request.Check != "" {
		a.say("as listed: %s, %s", count, bytes)
	}
	if request.Out != "" {
		a.say("wrote %s: %s, %s", request.Out, count, bytes)
	}
}
