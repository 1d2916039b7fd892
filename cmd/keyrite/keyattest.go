package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) keyAttestCommand() *cobra.Command {
	chain, roots := "", ""
	c := &cobra.Command{
		Use:   "attest KEY",
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
				if pem[i], err = disk.ReadFile(file, 1<<20); err != nil {
					return err
				}
			}
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				attestation, err := custody.AttestKey(ws, args[0], pem[0], pem[1], clock())
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
	return a.answers(c, &workspace.AttestationRecord{})
}
