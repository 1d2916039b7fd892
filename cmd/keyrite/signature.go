package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foreign"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) signRequestCommand() *cobra.Command {
	key, dir := "", ""
	c := &cobra.Command{
		Use:   "sign-request CEREMONY --key NAME",
		Short: "Write the exact bytes that a key elsewhere has to sign",
		Long: `Write what an external key has to sign: the exact bytes, in a file, their hash in
words, and the commands that sign them. The file is shown and held against the
policy first, as before every signature. Whoever has the key compares the words with
those of the room, signs, and brings the signature: keyrite signature add.

The bytes are known once all keys that the file lists exist and the files before it
are in place; until then keyrite run has to go first.`,
		Example: `  # what has root-1 to sign, which lives in a file?
  keyrite sign-request 2026-11-30-image-1 --key root-1

  # onto a stick
  keyrite sign-request 2026-11-30-image-1 --key root-1 -o /media/stick`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withDesk(args, func(d *foreign.Desk, name string) error {
				requests, err := d.Requests(key, dir)
				if err != nil {
					return err
				}
				return a.print(signRequests{name, requests}, func(w io.Writer) { printRequests(w, requests, name) })
			})
		},
	}
	c.Flags().StringVar(&key, "key", "", "the key that signs; external in trust.yaml")
	c.Flags().StringVarP(&dir, "out", "o", "", "folder for the bytes (default: one of the ceremony)")
	c.MarkFlagRequired("key")
	return a.answers(c, signRequests{})
}

// signRequests is what an external key has to sign of a ceremony.
type signRequests struct {
	Ceremony string            `json:"ceremony"`
	Requests []foreign.Request `json:"requests"`
}

// withDesk opens a ceremony where signatures go out and come in.
func (a *app) withDesk(args []string, do func(d *foreign.Desk, ceremony string) error) error {
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		name, err := a.ceremony(ws, args)
		if err != nil {
			return err
		}
		desk, err := foreign.Open(a.room(ws), name)
		if err != nil {
			return err
		}
		return do(desk, name)
	})
}

func printRequests(w io.Writer, requests []foreign.Request, ceremony string) {
	for _, r := range requests {
		fmt.Fprintf(w, "sign     %s %d with %s (%s)\nbytes    %s, %d bytes\nsha-256  %s\nwords\n%s\n",
			r.Role, r.Version, r.Key, r.Scheme, words.Printable(r.File), r.Bytes, r.SHA256, terminalOf(w).Words(r.SHA256))
		for _, c := range r.Commands {
			fmt.Fprintf(w, "\nwith %s:\n", c.With)
			for _, line := range c.Lines {
				fmt.Fprintf(w, "  %s\n", words.Printable(line))
			}
			fmt.Fprintf(w, "  keyrite signature add %s %s\n", ceremony, words.Printable(c.Takes))
		}
		fmt.Fprintln(w)
	}
}

func (a *app) signatureCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "signature",
		Short: "Signatures by keys that are on no token here",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(a.signatureAddCommand())
	return c
}

func (a *app) signatureAddCommand() *cobra.Command {
	key := ""
	c := &cobra.Command{
		Use:   "add CEREMONY FILE",
		Short: "Take in a signature that was made elsewhere",
		Long: `Take in a signature that a plan waits for, once it is verified: it must be of
exactly the planned bytes, by exactly the planned key, in the form that clients take.
FILE holds raw bytes, base64, hexadecimal or JSON: {"sig": …}, {"signature": …}, or a
whole signed file. Then keyrite run goes on.`,
		Example: `  keyrite signature add 2026-11-30-image-1 root.sig
  keyrite signature add 2026-11-30-image-1 tuf/image/roles/root.json`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := disk.ReadFile(args[1], foreign.MaxInput)
			if err != nil {
				return &fault.Error{Code: fault.Usage, Err: err}
			}
			return a.withDesk(args[:1], func(d *foreign.Desk, name string) error {
				signed, err := d.Add(args[1], data, key)
				if err != nil {
					return err
				}
				return a.print(signed, func(w io.Writer) {
					fmt.Fprintf(w, "took in the signature of %s %d by %s; it is verified\n", signed.Role, signed.Version, signed.Key)
					fmt.Fprintf(w, "next: keyrite run %s\n", name)
				})
			})
		},
	}
	c.Flags().StringVar(&key, "key", "", "the key that signed (default: the one that it fits)")
	return a.answers(c, &transcript.Signed{})
}
