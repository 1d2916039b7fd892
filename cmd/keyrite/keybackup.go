package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenWrappingKeyCommand() *cobra.Command {
	request := ceremony.WrappingKeyRequest{}
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
			return a.withTokens(func(ws *ceremony.Workspace, _ []hsm.Protection) error {
				check, err := ceremony.ImportWrappingKey(cmd.Context(), ws, a.prompter(), clock, request)
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

func (a *app) keyBackupCommand() *cobra.Command {
	wrappingKey, file := "", ""
	c := &cobra.Command{
		Use:   "backup NAME",
		Short: "Carry a wrapped private key off its token",
		Long: `Wrap the private key of NAME under a wrapping key that the token's security officer
trusts, and write it to a file, which only a token with the same wrapping key can
read. Only a key that was made for it can be backed up: backup: true in trust.yaml,
which the policies for offline roles allow with a waiver only.

` + sentence(hsm.BackupWarning),
		Example: "  keyrite key backup root-a --wrapping-key backup-2026 -o /media/safe/root-a.backup.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *ceremony.Workspace, _ []hsm.Protection) error {
				data, err := ceremony.BackupKey(cmd.Context(), ws, a.prompter(), clock, args[0], wrappingKey)
				if err != nil {
					return err
				}
				if err := ceremony.CreateFile(file, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
					return err
				}
				a.say("wrote %s: %s, wrapped under %s, SHA-256 %x", file, args[0], wrappingKey, sha256.Sum256(data))
				return nil
			})
		},
	}
	c.Flags().StringVar(&wrappingKey, "wrapping-key", "", "label of the wrapping key on the token")
	c.Flags().StringVarP(&file, "out", "o", "", "the file to write, outside of the workspace")
	c.MarkFlagRequired("wrapping-key")
	c.MarkFlagRequired("out")
	return c
}

func (a *app) keyRestoreCommand() *cobra.Command {
	token := ""
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backed-up key onto another token",
		Long: `Unwrap a backup onto a token that holds the same wrapping key. The restored key signs
once before it counts, and it can never leave that token. The backup must be of a key
of this workspace. Name the token under keys in site.yaml afterwards.`,
		Example: "  keyrite key restore /media/safe/root-a.backup.yaml --token safe",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := ceremony.ReadFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			backup, err := ceremony.ParseKeyBackup(args[0], data)
			if err != nil {
				return err
			}
			return a.withTokens(func(ws *ceremony.Workspace, _ []hsm.Protection) error {
				key, err := ceremony.RestoreKey(cmd.Context(), ws, a.prompter(), clock, backup, token)
				if err != nil {
					return err
				}
				result := map[string]string{"key": backup.Key, "token": token, "id": fmt.Sprintf("%x", key.ID())}
				return a.print(result, func(w io.Writer) {
					fmt.Fprintf(w, "token %s holds %s, id %x; in site.yaml:\n\nkeys:\n  %s: %s\n", token, backup.Key, key.ID(), backup.Key, token)
				})
			})
		},
	}
	c.Flags().StringVar(&token, "token", "", "the token, as site.yaml names it")
	c.MarkFlagRequired("token")
	return c
}

func (a *app) keyAttestCommand() *cobra.Command {
	chain, roots := "", ""
	c := &cobra.Command{
		Use:   "attest NAME",
		Short: "Verify and keep a vendor's attestation of a key",
		Long: `Verify that a device vendor's certificates attest the key of NAME: that the key pair
was made inside the device. The vendor's tool writes the chain (for a YubiKey,
ykman piv keys attest, and the certificate of slot f9); the vendor publishes its root
certificates. Both are kept in attestations/NAME.yaml and verified again by key show.`,
		Example: "  keyrite key attest root-a --chain root-a-chain.pem --roots yubico-piv-roots.pem",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var pem [2][]byte
			for i, file := range []string{chain, roots} {
				var err error
				if pem[i], err = ceremony.ReadFile(file, 1<<20); err != nil {
					return err
				}
			}
			return a.withWorkspace(func(ws *ceremony.Workspace) error {
				attestation, err := ceremony.AttestKey(ws, args[0], pem[0], pem[1], clock())
				if err != nil {
					return err
				}
				return a.print(attestation, func(w io.Writer) { fmt.Fprint(w, attestation) })
			})
		},
	}
	c.Flags().StringVar(&chain, "chain", "", "the certificates, PEM, the attestation of the key first")
	c.Flags().StringVar(&roots, "roots", "", "the vendor's root certificates, PEM")
	c.MarkFlagRequired("chain")
	c.MarkFlagRequired("roots")
	return c
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
