package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/ceremony/wrapping"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenWrappingKeyCommand() *cobra.Command {
	request := wrapping.WrappingKeyRequest{}
	c := &cobra.Command{
		Use:   "wrapping-key TOKEN LABEL",
		Short: "Give a token a key to wrap backups with",
		Long: `Give a token an AES-256 key that its security officer trusts, made of the
components of two or more custodians. Keys that were made for it (backup: true in
trust.yaml) can leave the token wrapped under such a key, and no other way.

Shares of keyrite token shares are the better way: some of them make the key, so that
one lost paper is no lost backup. Or each custodian brings a component, 64 random
hexadecimal digits on paper, made alone; then all of them are needed. Both are typed
unseen, never in a shell. A token with the same key has the same check value.`,
		Example: `  # shares, on the token and on the one that takes the backup
  keyrite token wrapping-key officer-1 backup-2026 --share ask
  keyrite token wrapping-key safe backup-2026 --share ask

  # components of two custodians
  keyrite token wrapping-key officer-1 backup-2026
  keyrite token wrapping-key safe backup-2026

  # three custodians
  keyrite token wrapping-key safe backup-2026 --component ask --component ask --component ask`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Token, request.Label = args[0], args[1]
			if len(request.Shares) > 0 && !cmd.Flags().Changed("component") {
				request.Components = nil
			}
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				check, err := wrapping.ImportWrappingKey(cmd.Context(), a.room(ws), request)
				if err != nil {
					return err
				}
				result := wrappingKey{request.Token, request.Label, check}
				return a.print(result, func(w io.Writer) {
					fmt.Fprintf(w, "token %s holds wrapping key %s, check value %s\n", request.Token, request.Label, check)
				})
			})
		},
	}
	c.Flags().StringVar(&request.SOPIN, "so-pin", "ask", "where the security-officer PIN comes from: ask, file:PATH, env:NAME, fd:N")
	c.Flags().StringArrayVar(&request.Components, "component", []string{"ask", "ask"}, "where a component comes from, once for each custodian")
	c.Flags().StringArrayVar(&request.Shares, "share", nil, "where a share comes from; ask is asked until there are enough")
	return a.answers(c, wrappingKey{})
}

// wrappingKey is a key on a token that wraps backups.
type wrappingKey struct {
	Token      string `json:"token"` // its name in site.yaml
	Label      string `json:"label"`
	CheckValue string `json:"check-value"`
}

// sharedKey is a wrapping key that is on papers.
type sharedKey struct {
	Needed     int    `json:"needed"` // shares that make it
	Made       int    `json:"made"`
	CheckValue string `json:"check-value"`
}

func (a *app) tokenSharesCommand() *cobra.Command {
	request := wrapping.ShareRequest{}
	c := &cobra.Command{
		Use:   "shares",
		Short: "Give out a new wrapping key in shares, some of which make it",
		Long: `Make a new wrapping key for backups and give it out in shares (Shamir's secret sharing):
each custodian sees theirs alone, writes down its 40 words, and types them from the
paper. Any of them that are as many as needed make the key again, for each token that
is given it with keyrite token wrapping-key --share ask; fewer say nothing of it.`,
		Example: "  keyrite token shares --needed 2 --made 3",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				check, err := wrapping.MakeShares(cmd.Context(), a.room(ws), request)
				if err != nil {
					return err
				}
				result := sharedKey{request.Needed, request.Made, check}
				return a.print(result, func(w io.Writer) {
					fmt.Fprintf(w, "%d shares are on paper, %d of them make the wrapping key with check value %s\nnext    keyrite token wrapping-key TOKEN LABEL --share ask\n", request.Made, request.Needed, check)
				})
			})
		},
	}
	c.Flags().IntVar(&request.Needed, "needed", 2, "how many shares make the key")
	c.Flags().IntVar(&request.Made, "made", 3, "how many shares are made")
	return a.answers(c, sharedKey{})
}
