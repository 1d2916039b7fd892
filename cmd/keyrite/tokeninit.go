package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) tokenInitCommand() *cobra.Command {
	request, slot, add := custody.TokenRequest{}, 0, false
	c := &cobra.Command{
		Use:   "init LABEL...",
		Short: "Set tokens up: label, security-officer PIN, user PIN",
		Long: `Set up empty tokens, one after the other: give each a label, a security-officer PIN
and a user PIN. Each PIN is asked for twice. With --add each gets its block in
site.yaml under its label, and everything else in that file stays as it is. A token
that is set up already is refused unless --erase-serial names it, since setting it up
again destroys its keys; one that site.yaml names already is passed over with --add.`,
		Example: `  keyrite token init officer-1 officer-2 officer-3 --add

  # choose among several empty tokens
  keyrite token init officer-1 --module safe --slot 3

  # destroy what is on a token and set it up anew
  keyrite token init officer-1 --module safe --erase-serial 8a3f21c09d44b7e1`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("slot") {
				n := uint(slot)
				request.Slot = &n
			}
			if len(args) > 1 && (request.Slot != nil || request.EraseSerial != "") {
				return fault.Errorf(fault.Usage, "--slot and --erase-serial are for one token; got %d labels", len(args))
			}
			return a.initTokens(cmd.Context(), request, args, add)
		},
	}
	c.Flags().BoolVar(&add, "add", false, "write the tokens into site.yaml")
	c.Flags().StringVar(&request.Module, "module", "", "the module, as site.yaml names it; not needed when there is one")
	c.Flags().IntVar(&slot, "slot", 0, "the slot of the empty token, from keyrite token list")
	c.Flags().StringVar(&request.EraseSerial, "erase-serial", "", "destroy the keys of the token with this serial")
	c.Flags().StringVar(&request.PIN, "pin", "ask", "where the user PIN comes from: ask, file:PATH, env:NAME, fd:N")
	c.Flags().StringVar(&request.SOPIN, "so-pin", "ask", "where the security-officer PIN comes from")
	return a.answers(c, &readyTokens{})
}

// readyTokens is the tokens that were set up or declared, in this order, also where one
// failed afterwards.
type readyTokens struct {
	Tokens []readyToken `json:"tokens"`
	Passed []string     `json:"passed-over,omitempty"` // labels that stood in site.yaml already
}

// readyToken is a token that can be used.
type readyToken struct {
	Name string `json:"name,omitempty"` // in site.yaml
	hsm.TokenInfo
}

func (a *app) initTokens(ctx context.Context, request custody.TokenRequest, labels []string, add bool) error {
	return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
		ready := &readyTokens{Tokens: []readyToken{}}
		for _, label := range labels {
			site, err := ws.Site()
			if err != nil {
				return err
			}
			if _, there := site.Tokens[label]; there && add {
				a.say("token %s is in site.yaml already; passed over", label)
				ready.Passed = append(ready.Passed, label)
				continue
			}
			request.Label = label
			info, err := custody.InitToken(ctx, a.room(ws), request)
			if err != nil {
				return err
			}
			if err := a.tokenIsReady(ws, info, add, ready); err != nil {
				return err
			}
		}
		return a.print(ready, nil)
	})
}

// tokenIsReady declares a token, or shows how.
func (a *app) tokenIsReady(ws *workspace.Workspace, info hsm.TokenInfo, add bool, ready *readyTokens) error {
	token, next := readyToken{TokenInfo: info}, fmt.Sprintf("; to put it into site.yaml: keyrite token add %s --serial %s", info.Label, info.Serial)
	if add {
		if err := custody.Declare(ws, info.Label, info); err != nil {
			return err
		}
		token.Name, next = info.Label, ", and stands in site.yaml"
	}
	ready.Tokens = append(ready.Tokens, token)
	return a.print(ready, func(w io.Writer) {
		fmt.Fprintf(w, "token %s is set up, serial %s%s\n", info.Label, info.Serial, next)
	})
}

func (a *app) tokenAddCommand() *cobra.Command {
	serial := ""
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Put a token that is set up already into site.yaml",
		Long: `Put a token that is plugged in and set up into site.yaml under a name: its module,
and serial and label to know it by. It is the one with that serial, or else with that
label, or else the only one that site.yaml does not name yet. Nobody logs in.
Everything else in the file stays as it is.`,
		Example: `  keyrite token add officer-1
  keyrite token add officer-1 --serial 8a3f21c09d44b7e1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTokens(func(ws *workspace.Workspace, _ []hsm.Protection) error {
				info, err := custody.Undeclared(cmd.Context(), ws, args[0], serial)
				if err != nil {
					return err
				}
				if err := custody.Declare(ws, args[0], info); err != nil {
					return err
				}
				ready := &readyTokens{Tokens: []readyToken{{args[0], info}}}
				return a.print(ready, func(w io.Writer) {
					fmt.Fprintf(w, "token %s, label %s, serial %s, stands in site.yaml\n", args[0], info.Label, info.Serial)
				})
			})
		},
	}
	c.Flags().StringVar(&serial, "serial", "", "the token with this serial")
	return a.answers(c, &readyTokens{})
}
