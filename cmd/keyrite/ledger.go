package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger",
		Short: "What tokens remember that their keys signed",
		Long: `What tokens remember that their keys signed: the witness that no copy of the disk
can roll back. Before a key signs, its token and the transcripts are both asked.`,
		Args: cobra.NoArgs,
		RunE: help,
	}
	c.AddCommand(a.ledgerAdoptCommand())
	return c
}

func (a *app) ledgerAdoptCommand() *cobra.Command {
	asked := custody.Restatement{}
	c := &cobra.Command{
		Use:   "adopt REPOSITORY ROLE KEY --reason TEXT",
		Short: "Begin the ledger of a key again after it was lost or rolled back",
		Long: `Begin a token's ledger of a key in a role again, after the token or the disk was
restored, or a second copy of the key has signed. The token gets a record of the
highest version that it, the transcripts or the signed metadata know; no lower
version becomes possible by it. It always asks a person.

Make sure first that no other copy of the key signs: its token would know nothing
of what this one signs.`,
		Example: `  keyrite ledger adopt image root root-a --reason "token restored from backup 3"`,
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.Repository, asked.Role, asked.Key = args[0], args[1], args[2]
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				made, err := custody.AdoptLedger(cmd.Context(), a.room(ws), asked)
				if err != nil {
					return err
				}
				return a.print(made, func(w io.Writer) {
					fmt.Fprintf(w, "record %d on the token: %s has signed %s up to version %d\n", made.Record, made.Key, made.Role, made.Version)
				})
			})
		},
	}
	c.Flags().StringVar(&asked.Because, "reason", "", "why, in your words; it stands in the record")
	c.MarkFlagRequired("reason")
	return a.answers(c, transcript.Restated{})
}
