package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/backup"
	"github.com/uptane/keyrite/ceremony/drill"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) backupCommand() *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use:   "backup -o FILE",
		Short: "Everything but secrets in one verified file",
		Long: `Verify what is signed and every transcript, then pack the workspace: what people
declared, public keys, all metadata that was ever signed, transcripts, lists of images
with their hashes, wrapped keys. It holds no secret: files of PINs, private keys, tokens
of SoftHSM and whatever has no place in a workspace stay out, and are named. The file is
read again before it is called made. The same workspace makes the same bytes.`,
		Example: "  keyrite backup -o /media/usb/roadster.backup\n  keyrite drill /media/usb/roadster.backup",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				made, err := backup.Make(ws, out)
				if err != nil {
					return err
				}
				for _, left := range made.LeftOut {
					a.say("left out: %s", left)
				}
				return a.print(made, func(w io.Writer) {
					fmt.Fprintf(w, "%s\nverified: %s\n", made, verifiedText(made.Verified))
				})
			})
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "the file to write; it must not exist")
	c.MarkFlagRequired("out")
	return a.answers(c, &backup.Made{})
}

func verifiedText(v backup.Verified) string {
	return fmt.Sprintf("repositories %s; %s", words.List(v.Repositories), words.Count(v.Transcripts, "transcript"))
}

func (a *app) restoreCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "restore FILE DIR",
		Short: "Make a workspace from a backup again",
		Long: `Unpack a backup into a new folder, and verify everything in it: each byte against the
backup's list, what is signed, and every transcript. After an error there is no folder.
Keys are on their tokens, and not in a backup. If something was signed since it was made,
bring that in before the next plan: keyrite import --update.`,
		Example: "  keyrite restore /media/usb/roadster.backup roadster",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			restored, err := backup.Restore(args[0], args[1])
			if err != nil {
				return err
			}
			return a.print(restored, func(w io.Writer) {
				fmt.Fprintf(w, "restored %s: fleet %s, %s\nverified: %s\n", restored.Dir, restored.Fleet, words.Count(restored.Files, "file"), verifiedText(restored.Verified))
			})
		},
	}
	return a.answers(c, &backup.Restored{})
}

func (a *app) drillCommand() *cobra.Command {
	request := drill.Request{}
	c := &cobra.Command{
		Use:   "drill FILE",
		Short: "Restore a backup for trial, and rotate root with fake keys",
		Long: `Restore a backup of this fleet into a throwaway folder, verify everything in it, and
hold a ceremony for each repository there that replaces a key of root: with fake keys, on
throwaway SoftHSM tokens, without people. No real token is opened. The transcript of
custody says that the drill was held; keyrite status says when the next one is due, a
year later.

Wrapped keys stay closed without --open. With it, the custodians bring the components or
shares of the wrapping key, each wrapped key is restored onto a throwaway token, signs
something there that is no metadata, and is gone with the token. It is the real key, in a
file in memory, for that moment: you are asked. Or they try it on a spare token (keyrite
key restore).`,
		Example: "  keyrite backup -o /media/usb/roadster.backup\n  keyrite drill /media/usb/roadster.backup --open",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Backup = args[0]
			if len(request.Wrapping.Shares) > 0 && !cmd.Flags().Changed("component") {
				request.Wrapping.Components = nil
			}
			return a.withTokens(func(ws *workspace.Workspace, protections []hsm.Protection) error {
				request.Inspect = a.machine(protections).Look
				held, err := drill.Hold(cmd.Context(), a.room(ws), request)
				if err != nil {
					return err
				}
				return a.print(held, func(w io.Writer) { drillText(w, held) })
			})
		},
	}
	c.Flags().StringVar(&request.Module, "module", "", "path of a SoftHSM2 module (default: the one that is found)")
	c.Flags().BoolVar(&request.Open, "open", false, "restore the wrapped keys too, each onto a throwaway token")
	c.Flags().StringArrayVar(&request.Wrapping.Components, "component", []string{"ask", "ask"}, "with --open: where a component comes from, once for each custodian")
	c.Flags().StringArrayVar(&request.Wrapping.Shares, "share", nil, "with --open: where a share comes from; ask is asked until there are enough")
	return a.answers(c, &drill.Drill{})
}

func drillText(w io.Writer, d *drill.Drill) {
	fmt.Fprintf(w, "restored %s: fleet %s, %s, %s\n", d.Backup, d.Fleet, words.Count(d.Files, "file"), words.Count(d.Transcripts, "transcript"))
	for _, r := range d.Repositories {
		if r.Out == "" {
			fmt.Fprintf(w, "rotated  %s: fake root %d, verified\n", r.Repository, r.Root)
			continue
		}
		fmt.Fprintf(w, "rotated  %s: fake root %d without %s, verified\n", r.Repository, r.Root, r.Out)
	}
	for _, key := range d.Opened {
		fmt.Fprintf(w, "wrapped  %s: restored on a throwaway token, which is gone; it signed, verified\n", key)
	}
	for _, key := range d.Unopened {
		fmt.Fprintf(w, "wrapped  %s: stays closed; --open tries it, or a spare token: keyrite key restore\n", key)
	}
	fmt.Fprintln(w, "drill held; status says when the next one is due")
}
