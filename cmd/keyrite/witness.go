package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// signing is what a witness signs with.
type signing struct{ witness, token, ssh string }

func (a *app) transcriptStatementCommand() *cobra.Command {
	s, out := signing{}, ""
	c := &cobra.Command{
		Use:   "statement CEREMONY[/SITE] --witness NAME -o FILE",
		Short: "Write what a witness signs elsewhere, with ssh-keygen",
		Long: `Check a transcript, and write the statement that a witness signs: fleet, ceremony,
site, plan, the newest line and its hash. It is no metadata and cannot be taken for
any. The plan has the witness's public key, from people.witness-keys in trust.yaml.`,
		Example: `  keyrite transcript statement 2026-11-22-image-1 --witness "Name Four" -o head
  ssh-keygen -Y sign -n ` + witness.Namespace + ` -f ~/.ssh/id_ed25519 head
  keyrite transcript sign 2026-11-22-image-1 --witness "Name Four" --ssh-signature head.sig`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				_, statement, err := a.toWitness(ws, args[0], s.witness)
				if err != nil {
					return err
				}
				message, err := statement.Message()
				if err != nil {
					return err
				}
				if err := createOutside(out, message); err != nil {
					return err
				}
				if err := a.print(statementFile{out, statement}, nil); err != nil {
					return err
				}
				a.say("line %d, head\n%s", statement.Line, prompt.Terminal(a.stderr).Words(statement.Head))
				a.say("next     ssh-keygen -Y sign -n %s -f KEY %s", witness.Namespace, out)
				return nil
			})
		},
	}
	c.Flags().StringVar(&s.witness, "witness", "", "who signs, by the name in the plan")
	c.Flags().StringVarP(&out, "out", "o", "", "the file to write")
	c.MarkFlagRequired("witness")
	c.MarkFlagRequired("out")
	return a.answers(c, statementFile{})
}

// statementFile is a statement, and the file that it lies in: to be signed, or signed.
type statementFile struct {
	File      string            `json:"file"`
	Statement witness.Statement `json:"statement"`
}

func (a *app) transcriptSignCommand() *cobra.Command {
	s := signing{}
	c := &cobra.Command{
		Use:   "sign CEREMONY[/SITE] --witness NAME",
		Short: "A witness signs the head of a transcript",
		Long: `Have a witness sign the head of a transcript with a key of their own: on a token of
site.yaml, or with what ssh-keygen -Y sign made of keyrite transcript statement.
The plan has the public key, from people.witness-keys in trust.yaml, spelled as
OpenSSH does; no key of a repository is taken. The signature lies beside the transcript, as a DSSE
envelope; keyrite transcript verify checks it, and keyrite verify in a bundle.`,
		Example: `  keyrite transcript sign 2026-11-22-image-1 --witness "Name Four" --token witness-1
  keyrite transcript sign 2026-11-22-image-1 --witness "Name Four" --ssh-signature head.sig`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (s.token == "") == (s.ssh == "") {
				return fault.Errorf(fault.Usage, "want --token or --ssh-signature, one of them")
			}
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				name, statement, err := a.toWitness(ws, args[0], s.witness)
				if err != nil {
					return err
				}
				envelope, err := a.witnessed(cmd.Context(), ws, statement, s)
				if err != nil {
					return err
				}
				file, err := record.KeepWitness(ws, name, statement, envelope)
				if err != nil {
					return err
				}
				a.say("wrote %s: %s signed line %d", file, s.witness, statement.Line)
				return a.print(statementFile{file, statement}, nil)
			})
		},
	}
	c.Flags().StringVar(&s.witness, "witness", "", "who signs, by the name in the plan")
	c.Flags().StringVar(&s.token, "token", "", "the token with the key, by its name in site.yaml")
	c.Flags().StringVar(&s.ssh, "ssh-signature", "", "what ssh-keygen -Y sign -n "+witness.Namespace+" wrote")
	c.MarkFlagRequired("witness")
	return a.answers(c, statementFile{})
}

// toWitness is what the witness of that name signs.
func (a *app) toWitness(ws *workspace.Workspace, given, who string) (name string, s witness.Statement, err error) {
	if name, err = a.transcriptsOf(ws).one(given); err != nil {
		return "", s, err
	}
	s, err = record.ToWitness(ws, name, who)
	return name, s, err
}

// witnessed is the signature, from wherever it comes.
func (a *app) witnessed(ctx context.Context, ws *workspace.Workspace, s witness.Statement, with signing) ([]byte, error) {
	if with.ssh == "" {
		return custody.Witness(ctx, a.room(ws), with.token, s)
	}
	armored, err := disk.ReadFile(with.ssh, witness.MaxEnvelope)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: err}
	}
	return custody.WitnessSSH(ctx, ws, s, armored)
}
