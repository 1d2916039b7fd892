package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/judge"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/words"
)

func (a *app) verifyCommand() *cobra.Command {
	request, witnesses, client := audit.VerifyRequest{}, []string{}, judge.Request{}
	c := &cobra.Command{
		Use:   "verify PATH --trusted-root FILE",
		Short: "Check everything that a vehicle checks, from public data only",
		Long: `Verify a repository as a full-verification ECU does: the chain of roots from the
trusted one, timestamp, snapshot, targets, every delegation, and the images that
are there. PATH is a folder of metadata, a published folder (metadata/ and
targets/), a workspace's repository, or a bundle. No HSM and no workspace needed.

A supplier's delegated file that is missing, expired or broken costs the images
that are delegated to it, and no others: it is a warning, unless --strict is given.
A bundle has evidence of how its metadata came about: plans, transcripts, signatures,
records, and what witnesses signed. All of it is checked, line by line, and with
--witness that somebody whose key you have signed the newest transcript.
What was verified is printed also when the policy then refuses it (exit code 3).

With --client the fleet's own client judges the bundle, which is served on this
machine's own address. COMMAND gets the trusted root, the address, an empty folder and
the paths of images behind it, and says ACCEPT, or REJECT: why, in its last line. It
must accept the bundle, and refuse copies with broken signatures or another content.
Use it where bundles are published, not where keys are.

A bundle may leave the last roles to a server that signs them. Then what it holds
is verified, and the report says how far it is complete; --complete wants all.`,
		Example: `  keyrite verify image.tar --trusted-root image-root.json
  keyrite verify published/image --trusted-root image-root.json --images published/image/targets

  # does the Director assign only what the Image repository lists?
  keyrite verify image.tar --trusted-root image-root.json \
      --director director.tar --director-root director-root.json

  # was the ceremony watched by somebody whose key you have?
  keyrite verify image.tar --trusted-root image-root.json --witness four.pub

  # do vehicles take it? Their own client says so
  keyrite verify image.tar --trusted-root image-root.json --client ./fleet-client

  # remember versions, so that a rollback is noticed next time
  keyrite verify image.tar --trusted-root image-root.json --state ~/seen/image`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			request.Path = args[0]
			now, err := a.now()
			if err != nil {
				return err
			}
			request.Now = now
			if request.Witnesses, err = witnessKeys(witnesses); err != nil {
				return err
			}
			found, err := audit.Verify(request)
			if err == nil && client.Command != "" {
				client.Bundle, client.TrustedRoot = request.Path, request.TrustedRoot
				found.Client, err = judge.Judge(c.Context(), client)
			}
			whole := err == nil || fault.CodeOf(err) == fault.Refused // and then the policy does not like it
			if found != nil && (whole || a.json()) {
				if printErr := a.print(found, func(w io.Writer) { printVerification(w, found) }); printErr != nil {
					return printErr
				}
			}
			return err
		},
	}
	c.Flags().StringVar(&request.TrustedRoot, "trusted-root", "", "root metadata that is trusted already, of any version")
	c.Flags().StringVar(&request.Images, "images", "", "folder of the images, under their paths or as published")
	c.Flags().StringVar(&request.State, "state", "", "folder of remembered metadata, for rollback; made when it is not there")
	c.Flags().StringVar(&request.Director, "director", "", "the Director repository to compare with: folder or bundle")
	c.Flags().StringVar(&request.DirectorRoot, "director-root", "", "trusted root of the Director repository")
	c.Flags().StringVar(&request.Policy, "policy", "tuf", "preset or policy file to hold it against; none: as a bare client")
	c.Flags().BoolVar(&request.Strict, "strict", false, "refuse the repository for one supplier's file that is missing, expired or broken")
	c.Flags().BoolVar(&request.Complete, "complete", false, "refuse a bundle that leaves roles to a server")
	witnessFlag(c, &witnesses)
	c.Flags().StringVar(&client.Command, "client", "", "command of the fleet's own client, which must accept the bundle and refuse bent copies of it")
	c.Flags().DurationVar(&client.Timeout, "client-timeout", 2*time.Minute, "how long one run of the client may take")
	c.MarkFlagRequired("trusted-root")
	return a.answers(c, &audit.Verification{})
}

func printVerification(w io.Writer, v *audit.Verification) {
	fmt.Fprint(w, v.Repository)
	if v.ImagesChecked > 0 {
		fmt.Fprintf(w, "images on disk with the listed length and hashes: %d\n", v.ImagesChecked)
	}
	if v.Director != nil {
		fmt.Fprintf(w, "\nDirector: %s", v.Director)
	}
	if v.Ceremonies != nil {
		fmt.Fprintf(w, "\nevidence\n")
	}
	for _, c := range v.Ceremonies {
		fmt.Fprintln(w, c.Text(terminalOf(w)))
	}
	if v.Client != nil {
		fmt.Fprintf(w, "\nclient   %s\n  accepts  the bundle, and downloads %s\n", words.Line(v.Client.Command), words.Count(len(v.Client.Images), "image"))
		for _, what := range v.Client.Refused {
			fmt.Fprintf(w, "  refuses  %s\n", words.Line(what))
		}
	}
	if v.Policy != nil {
		printResult(w, "policy", *v.Policy)
	}
	fmt.Fprintln(w, verdict(v))
}

// verdict is what was verified in one line: the cryptography, whatever a policy
// says of it.
func verdict(v *audit.Verification) string {
	var lost []string
	for _, l := range v.Repository.Lost {
		lost = append(lost, words.Line(l.Role))
	}
	switch {
	case lost != nil:
		return "verified, except for what is delegated to " + words.List(lost)
	case v.Policy != nil && v.Policy.Refused() != nil:
		return "verified, but refused by policy " + v.Policy.Policy
	}
	return "verified"
}

func witnessFlag(c *cobra.Command, files *[]string) {
	c.Flags().StringSliceVar(files, "witness", nil, "public key (a .pub file of OpenSSH) that must have signed the newest transcript")
}

// witnessKeys reads the public keys of those who must have watched.
func witnessKeys(files []string) (keys []witness.Key, err error) {
	for _, file := range files {
		line, err := disk.ReadFile(file, witness.MaxEnvelope)
		if err != nil {
			return nil, &fault.Error{Code: fault.Usage, Err: err}
		}
		key, err := witness.ParseKey(string(line))
		if err != nil {
			return nil, fault.Errorf(fault.Usage, "%s: %w", file, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
