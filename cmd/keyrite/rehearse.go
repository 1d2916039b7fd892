package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/rehearse"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) rehearseCommand() *cobra.Command {
	module, practice, prepare, alone, removeOld := "", "", false, false, false
	c := &cobra.Command{
		Use:   "rehearse CEREMONY | --practice TOKEN | --remove-old",
		Short: "Hold a ceremony on throwaway tokens, before it is held",
		Long: `Rehearse a plan: the same steps in the same order, done by the same code, with the
same questions, in a world of its own below rehearsals/. Each token of site.yaml
has a throwaway SoftHSM token in its place, each key a fake one; what is signed
now is signed again by the fake keys. No real token is opened.

Everything in that world says that it is FAKE, on the screen, in labels of tokens
and keys, in signed metadata and on paper; it lives a week, and keyrite refuses it
everywhere else. The transcript of the real run quotes the head of the rehearsal.

Call it again to go on with a rehearsal that stopped, or, after its end, to hold
another one. With --yes nobody is asked, whatever site.yaml says: the steps are tried,
people practise nothing, and the record of the real ceremony says so. With --practice an officer tries phrase and PIN on a real token, whose
keys then sign bytes that are no metadata. With --remove-old the worlds of rehearsals
whose week is over are removed, and nothing else.`,
		Example: `  keyrite rehearse 2026-11-22-image-1

  # first print its runbook, with a black band on each page
  keyrite rehearse 2026-11-22-image-1 --prepare

  # do the steps work at all? Nobody has to be there
  keyrite rehearse 2026-11-22-image-1 --yes

  # does officer 1 know the PIN, and does the token sign?
  keyrite rehearse --practice officer-1

  # clean up: keyrite status lists the rehearsals that lie here
  keyrite rehearse --remove-old`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if removeOld && len(args) == 0 && practice == "" {
				return a.removeOldRehearsals()
			}
			if removeOld || prepare && alone || (len(args) == 0) == (practice == "") {
				return fault.Errorf(fault.Usage, "want a ceremony to rehearse, or --practice with a token, or --remove-old, one of them; and --prepare or --yes, not both")
			}
			return a.withTokens(func(ws *workspace.Workspace, protections []hsm.Protection) error {
				if practice != "" {
					return a.practise(cmd.Context(), ws, practice)
				}
				name, err := a.ceremony(ws, args)
				if err != nil {
					return err
				}
				r := a.room(ws)
				w, err := rehearse.Open(cmd.Context(), r, name, module)
				if err != nil {
					return err
				}
				defer w.Close()
				w.Alone = alone
				if err := a.showWorld(cmd.Context(), r.Prompter, w, prepare); err != nil {
					return err
				}
				shown := rehearsed{World: &rehearsalWorld{w.Name, w.Rehearsal.Of, w.Begun, w.Rehearsal.Until, w.Plan, w.Room}}
				if err := a.print(shown, nil); err != nil || prepare {
					return err
				}
				if !alone && !r.Prompter.Asks() {
					return fault.Errorf(fault.Usage, "people rehearse, but stdin and stderr are no terminal").
						Hint("run it at a terminal; --prepare only makes the world of the rehearsal, and --yes tries the steps without people")
				}
				if err := w.Run(cmd.Context(), r, a.machine(protections).Look); err != nil {
					return err
				}
				a.say("%sdone: %s, rehearsed in %s", workspace.FakePrefix, name, w.Name)
				shown.Done = true
				return a.print(shown, nil)
			})
		},
	}
	c.Flags().StringVar(&module, "module", "", "SoftHSM2 module (default: that of site.yaml, KEYRITE_SOFTHSM, or the installed one)")
	c.Flags().StringVar(&practice, "practice", "", "try phrase and PIN on this token of site.yaml; no metadata is signed")
	c.Flags().BoolVar(&prepare, "prepare", false, "make the world of the rehearsal and show its words, and no more")
	c.Flags().BoolVar(&alone, "yes", false, "ask nobody: try the steps without people; no real token is opened")
	c.Flags().BoolVar(&removeOld, "remove-old", false, "remove the rehearsals whose week is over")
	return a.answers(c, rehearsed{})
}

// rehearsed is one of: a rehearsal, what practice on a real token came to, what was
// removed.
type rehearsed struct {
	World    *rehearsalWorld       `json:"rehearsal,omitempty"`
	Done     bool                  `json:"done,omitempty"` // it came to its end
	Practice *transcript.Practised `json:"practice,omitempty"`
	Removed  []string              `json:"removed,omitempty"` // folders of rehearsals
}

// rehearsalWorld is where a ceremony is rehearsed.
type rehearsalWorld struct {
	Name  string        `json:"name"`  // its folder
	Of    string        `json:"of"`    // the ceremony
	Begun bool          `json:"begun"` // it was there already, and goes on
	Until time.Time     `json:"until"`
	Plan  digest.SHA256 `json:"plan-sha256"`
	Room  digest.SHA256 `json:"room-sha256"`
}

func (a *app) removeOldRehearsals() error {
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		removed, err := rehearse.RemoveOld(ws, clock())
		for _, name := range removed {
			a.say("removed: %s", name)
		}
		if err == nil && removed == nil {
			a.say("no rehearsal is over")
		}
		return errors.Join(err, a.print(rehearsed{Removed: removed}, nil))
	})
}

func (a *app) practise(ctx context.Context, ws *workspace.Workspace, token string) error {
	done, err := custody.Practise(ctx, a.room(ws), token)
	if err != nil {
		return err
	}
	if err := a.print(rehearsed{Practice: &done}, nil); err != nil {
		return err
	}
	if done.Keys == nil {
		a.say("token %s (serial %s): the PIN is right; it holds no key that has a record", token, done.Token)
		return nil
	}
	a.say("token %s (serial %s): the PIN is right, and %s can sign", token, done.Token, words.List(done.Keys))
	return nil
}

// showWorld shows what people need for a rehearsal: its paper and its PIN. Without
// people nobody needs it.
func (a *app) showWorld(ctx context.Context, p prompt.Prompter, w *rehearse.World, prepare bool) error {
	if w.Alone {
		a.say("%srehearsal of %s in %s, without people", workspace.FakePrefix, w.Rehearsal.Of, w.Name)
		return nil
	}
	if err := w.Show(ctx, p); err != nil {
		return err
	}
	if prepare {
		a.say("next     keyrite -C %s runbook %s, print it, then keyrite rehearse %s", w.Name, w.Rehearsal.Of, w.Rehearsal.Of)
	}
	return nil
}
