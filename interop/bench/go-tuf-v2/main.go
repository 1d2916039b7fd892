// Command go-tuf-v2 measures go-tuf v2; see package candidate.
package main

import (
	"crypto"
	"fmt"
	"os"

	"github.com/secure-systems-lab/go-securesystemslib/cjson"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"github.com/uptane/keyrite/interop/bench/candidate"
)

func main() {
	if err := candidate.Run(candidate.Jobs{"verify": verify, "canonicalise": canonicalise, "sign": sign}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func verify(in candidate.Input) (func() error, error) {
	root, err := metadata.Root().FromBytes(in.Root)
	if err != nil {
		return nil, err
	}
	return func() error {
		targets, err := metadata.Targets().FromBytes(in.Targets)
		if err != nil {
			return err
		}
		return root.VerifyDelegate("targets", targets)
	}, nil
}

// canonicalise does what go-tuf does before it signs.
func canonicalise(in candidate.Input) (func() error, error) {
	targets, err := metadata.Targets().FromBytes(in.Targets)
	if err != nil {
		return nil, err
	}
	return func() error {
		_, err := cjson.EncodeCanonical(targets.Signed)
		return err
	}, nil
}

func sign(in candidate.Input) (func() error, error) {
	targets, err := metadata.Targets().FromBytes(in.Targets)
	if err != nil {
		return nil, err
	}
	var signers []signature.Signer
	for _, private := range in.Keys {
		signer, err := signature.LoadSigner(private, crypto.Hash(0))
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	return func() error {
		targets.ClearSignatures()
		for _, signer := range signers {
			if _, err := targets.Sign(signer); err != nil {
				return err
			}
		}
		_, err := targets.ToBytes(false)
		return err
	}, nil
}
