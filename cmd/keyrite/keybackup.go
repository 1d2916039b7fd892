package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/ceremony/wrapping"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) keyBackupCommand() *cobra.Command {
	wrappingKey, file := "", ""
	c := &cobra.Command{
		Use:   "backup KEY",
		Short: "Carry a wrapped private key off its token",
		Long: `Wrap the private key of NAME under a wrapping key that the token's security officer
trusts, and write it to a file, which only a token with the same wrapping key can
read. Only a key that was made for it can be backed up: backup: true in trust.yaml,
which the policies for offline roles allow with a waiver only.

` + sentence(hsm.BackupWarning),
		Example: "  keyrite key backup root-a --wrapping-key backup-2026 -o /media/safe/root-a.backup.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				data, err := wrapping.BackupKey(cmd.Context(), a.room(ws), args[0], wrappingKey)
				if err != nil {
					return err
				}
				if err := disk.CreatePrivate(file, data); err != nil {
					return err
				}
				made := backedUp{args[0], file, wrappingKey, digest.Of(data)}
				a.say("wrote %s: %s, wrapped under %s, SHA-256 %s", file, args[0], wrappingKey, made.SHA256)
				return a.print(made, nil)
			})
		},
	}
	c.Flags().StringVar(&wrappingKey, "wrapping-key", "", "label of the wrapping key on the token")
	c.Flags().StringVarP(&file, "out", "o", "", "the file to write, outside of the workspace")
	c.MarkFlagRequired("wrapping-key")
	c.MarkFlagRequired("out")
	return a.answers(c, backedUp{})
}

// backedUp is a wrapped private key in a file.
type backedUp struct {
	Key         string        `json:"key"`
	File        string        `json:"file"`
	WrappingKey string        `json:"wrapping-key"` // its label
	SHA256      digest.SHA256 `json:"sha256"`       // of the file
}

// restored is a key that a token took from a backup.
type restored struct {
	Key   string `json:"key"`
	Token string `json:"token"` // its name in site.yaml
	ID    string `json:"id"`    // CKA_ID, hexadecimal
}

func (a *app) keyRestoreCommand() *cobra.Command {
	token := ""
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backed-up key onto another token",
		Long: `Unwrap a backup onto a token that holds the same wrapping key. The restored key signs
once before it counts, and it can never leave that token. The backup must be of a key
of this workspace. Name the token under keys in site.yaml afterwards, and begin its
ledger there: the token remembers nothing of what the key signed before.`,
		Example: "  keyrite key restore /media/safe/root-a.backup.yaml --token safe",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := disk.ReadFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			backup, err := wrapping.ParseKeyBackup(args[0], data)
			if err != nil {
				return err
			}
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				key, err := wrapping.RestoreKey(cmd.Context(), a.room(ws), backup, token)
				if err != nil {
					return err
				}
				result := restored{backup.Key, token, fmt.Sprintf("%x", key.ID())}
				return a.print(result, func(w io.Writer) {
					fmt.Fprintf(w, "token %s holds %s, id %x; in site.yaml:\n\nkeys:\n  %s: %s\n\nthen, for each role that it signs: keyrite ledger adopt REPOSITORY ROLE %s --reason TEXT\n", token, backup.Key, key.ID(), backup.Key, token, backup.Key)
				})
			})
		},
	}
	c.Flags().StringVar(&token, "token", "", "the token, as site.yaml names it")
	c.MarkFlagRequired("token")
	return a.answers(c, restored{})
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
