package main

import (
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) keyAdoptCommand() *cobra.Command {
	token := ""
	c := &cobra.Command{
		Use:   "adopt KEY --token TOKEN",
		Short: "Make the lost record of a key again",
		Long: `Make keys/NAME.yaml again after it was lost: the key is known by its value, since
signed metadata lists it and no other record names it. The token must have it; it
says what it knows of the key, and proves that it has it.`,
		Example: `  keyrite key adopt root-a --token officer-1`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				record, err := custody.AdoptKey(cmd.Context(), a.room(ws), args[0], token)
				if err != nil {
					return err
				}
				return a.print(shownKey{Key: record}, func(w io.Writer) { printKey(w, record) })
			})
		},
	}
	c.Flags().StringVar(&token, "token", "", "name of the token in site.yaml")
	c.MarkFlagRequired("token")
	return a.answers(c, shownKey{})
}

func (a *app) keyDestroyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "destroy KEY",
		Short: "Destroy a key pair that nothing ever trusted",
		Long: `Destroy a key pair on its token: one that trust.yaml does not name and no signed
metadata has ever listed, such as a mistake. It always asks a person. A key that
was trusted is destroyed by a ceremony: keyrite plan REPOSITORY --destroy NAME.`,
		Example: `  keyrite key destroy targets-x`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				if err := custody.DestroyKey(cmd.Context(), a.room(ws), args[0]); err != nil {
					return err
				}
				a.say("destroyed: %s; its public record stays", args[0])
				return a.print(destroyed{args[0]}, nil)
			})
		},
	}
	return a.answers(c, destroyed{})
}

// destroyed is a key that is on no token any more.
type destroyed struct {
	Key string `json:"key"`
}
