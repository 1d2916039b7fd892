package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenWrappingKeyCommand() *cobra.Command {
	request := custody.WrappingKeyRequest{}
	c := &cobra.Command{
		Use:   "wrapping-key TOKEN LABEL",
		Short: "Give a token a key to wrap backups with",
		Long: `Give a token an AES-256 key that its security officer trusts, made of the
components of two or more custodians. Keys that were made for it (backup: true in
trust.yaml) can leave the token wrapped under such a key, and no other way.

Each custodian brings 64 random hexadecimal digits on paper, made alone, and types
them unseen. A token with the same components has the same key: the check value
that is printed tells whether nobody mistyped.`,
		Example: `  # two custodians, on the token and on the one that takes the backup
  keyrite token wrapping-key officer-1 backup-2026
  keyrite token wrapping-key safe backup-2026

  # three custodians
  keyrite token wrapping-key safe backup-2026 --component ask --component ask --component ask`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Token, request.Label = args[0], args[1]
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				check, err := custody.ImportWrappingKey(cmd.Context(), a.room(ws), request)
				if err != nil {
					return err
				}
				result := map[string]string{"token": request.Token, "label": request.Label, "check-value": check}
				return a.print(result, func(w io.Writer) {
					fmt.Fprintf(w, "token %s holds wrapping key %s, check value %s\n", request.Token, request.Label, check)
				})
			})
		},
	}
	c.Flags().StringVar(&request.SOPIN, "so-pin", "ask", "where the security-officer PIN comes from: ask, file:PATH, env:NAME, fd:N")
	c.Flags().StringArrayVar(&request.Components, "component", []string{"ask", "ask"}, "where a component comes from, once for each custodian")
	return c
}
