package main

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/rehearse"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func (a *app) runCommand() *cobra.Command {
	r := &run.Run{}
	planSum, roomSum, keys := "", "", []string(nil)
	c := &cobra.Command{
		Use:   "run [CEREMONY]",
		Short: "Run a plan, or continue it where it stopped",
		Long: `Call the roll, then run the steps of a plan: generate keys on tokens, show each
file before it is signed, ask each key's custodian by name for words of the file
and for the PIN, verify every signature before it is used, and put each finished
file in place. Nothing is ever overwritten.

The plan is derived again first, and must come out the same. Then this machine is
looked at, as keyrite preflight does. Then words of the
plan and of the room are asked for, from the paper on which keyrite plan printed
them: nobody who changes files can change that paper.

In a ceremony of several sites each does the steps whose keys it holds. What the others
did comes here by git or with keyrite merge; words of the keys that they made are asked
for by voice. While somebody else has to go first, it says who, and the exit code is 5.

After an interruption, run the same command again: it continues at the first
unfinished step. CEREMONY is the name of a ceremony, its folder, or its plan;
without it, the one that is under way, or the only one that waits.`,
		Example: `  # a ceremony with people
  keyrite run 2026-11-22-image-1

  # continue the ceremony that is under way
  keyrite run

  # in CI, for roles that site.yaml marks as unattended
  keyrite run 2026-11-22-image-2 --yes --plan-sha256 87e8… --room-sha256 5d01…`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if r.PlanSHA256, err = hashFlag("plan-sha256", planSum); err != nil {
				return err
			}
			if r.RoomSHA256, err = hashFlag("room-sha256", roomSum); err != nil {
				return err
			}
			if r.KeySHA256, err = keyHashes(keys); err != nil {
				return err
			}
			return a.withTokens(func(ws *workspace.Workspace, protections []hsm.Protection) error {
				name, err := a.ceremony(ws, args)
				if err != nil {
					return err
				}
				r.Room, r.Inspect = a.room(ws), a.machine(protections).Look
				if r.Rehearsed, err = rehearse.Last(ws, name); err != nil {
					return err
				}
				r.Told = func(e transcript.Event) { a.tell(cmd, e) }
				return a.held(ws, name, r.Ceremony(cmd.Context(), name))
			})
		},
	}
	c.Flags().BoolVar(&r.Yes, "yes", false, "ask nothing; only for roles that site.yaml marks as unattended")
	c.Flags().StringVar(&planSum, "plan-sha256", "", "with --yes: the plan that was reviewed")
	c.Flags().StringVar(&roomSum, "room-sha256", "", "with --yes: the site.yaml that was reviewed")
	a.tells(c, transcript.Event{})
	c.Flags().StringSliceVar(&keys, "key-sha256", nil, "with --yes: NAME=HEX, the fingerprint of a key that another site made")
	return a.answers(c, heldCeremony{})
}

// heldCeremony is how far this site came with a ceremony.
type heldCeremony struct {
	plan.Ceremony
	Site    string           `json:"site"`
	State   ceremonies.Stage `json:"state"`
	Lines   int              `json:"lines"`             // of the site's transcript
	Head    digest.SHA256    `json:"head"`              // of the last of them
	Outputs []string         `json:"outputs,omitempty"` // files of the repository that the plan makes
}

// held gives the result of a ceremony that was held, also where it stopped.
func (a *app) held(ws *workspace.Workspace, name string, err error) error {
	if !a.json() {
		return err
	}
	held, begun := heldCeremony{}, false
	site, problem := ws.Site()
	if problem == nil {
		held, begun, problem = a.heldAt(ws, name, site.Name)
	}
	if begun && problem == nil {
		problem = a.print(held, nil)
	}
	return errors.Join(err, problem)
}

func (a *app) heldAt(ws *workspace.Workspace, name, site string) (held heldCeremony, begun bool, err error) {
	events, err := transcript.ReadSoFar(ws.Folder, ceremonies.SiteDir(name, site))
	if errors.Is(err, fs.ErrNotExist) || len(events) == 0 {
		return held, false, nil
	}
	if err != nil {
		return held, false, err
	}
	if held.Ceremony, err = plan.Describe(ws, name); err != nil {
		return held, false, err
	}
	p, _, err := plan.Read(ws, name)
	if err != nil {
		return held, false, err
	}
	held.Site, held.State, held.Outputs = site, record.State(events), p.Outputs
	held.Lines, held.Head = len(events), events[len(events)-1].Hash
	return held, true, nil
}

// keyHashes reads fingerprints by the names of keys.
func keyHashes(list []string) (map[string]digest.SHA256, error) {
	prints := map[string]digest.SHA256{}
	for _, given := range list {
		name, value, _ := strings.Cut(given, "=")
		sum, err := digest.Parse(value)
		if err != nil {
			return nil, fault.Errorf(fault.Usage, "--key-sha256 is %q, want NAME=HEX: %w", given, err)
		}
		prints[name] = sum
	}
	return prints, nil
}

// hashFlag reads a SHA-256 from the command line.
func hashFlag(name, value string) (digest.SHA256, error) {
	if value == "" {
		return digest.SHA256{}, nil
	}
	sum, err := digest.Parse(value)
	if err != nil {
		return sum, fault.Errorf(fault.Usage, "--%s is %q: %w", name, value, err)
	}
	return sum, nil
}

// ceremony is the name of the one that is meant: named, or the only one that is
// under way, or else the only one that waits to be run.
func (a *app) ceremony(ws *workspace.Workspace, args []string) (string, error) {
	if len(args) > 0 {
		return a.namedCeremony(ws, args[0])
	}
	past, err := ceremonies.ReadPast(ws, "", "")
	if err != nil {
		return "", err
	}
	if len(past.Open) == 0 && len(past.Planned) == 1 {
		return past.Planned[0], nil
	}
	switch len(past.Open) {
	case 0:
		if len(past.Planned) == 0 {
			return "", fault.Errorf(fault.Usage, "no ceremony is under way, and none waits to be run").Hint("make a plan: keyrite plan REPOSITORY")
		}
		return "", fault.Errorf(fault.Usage, "no ceremony is under way, and %d wait to be run", len(past.Planned)).Hint("keyrite status lists plans that have not run; name one")
	case 1:
		return past.Open[0], nil
	}
	return "", fault.Errorf(fault.Usage, "%d ceremonies are under way", len(past.Open)).Hint("keyrite status lists them; name one")
}

// namedCeremony is the one of that name, if it has a plan.
func (a *app) namedCeremony(ws *workspace.Workspace, given string) (string, error) {
	there, err := ceremonies.Names(ws)
	if err != nil {
		return "", err
	}
	name, err := ceremonies.Name(a.inWorkspace(ws, given))
	if problem := (*fault.Error)(nil); errors.As(err, &problem) {
		return "", problem.Suggest(given, there)
	}
	if err == nil && !slices.Contains(there, name) {
		err = fault.Errorf(fault.Usage, "there is no plan %s", name).Called(fault.WordFileMissing).Suggest(name, there).
			Hint("keyrite status lists plans that have not run")
	}
	return name, err
}

func (a *app) abortCommand() *cobra.Command {
	reason, all := "", false
	c := &cobra.Command{
		Use:   "abort [CEREMONY]",
		Short: "Close a ceremony that will not be finished",
		Long: `Close this site's part of a ceremony that was begun and will not be finished. What it
did stays; the transcript says why it ended, and other sites that get it take no
signature of it. With --all, none of them goes on either.

Keys that it made are listed: no plan takes one before keyrite key adopt, or it is
destroyed with keyrite key destroy.`,
		Example: `  keyrite abort 2026-11-22-image-2 --reason "officer 2 fell ill"
  keyrite abort 2026-11-22-image-2 --all --reason "the plan names a stolen key"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, err := a.ceremony(ws, args)
				if err != nil {
					return err
				}
				left, err := run.Abort(a.room(ws), name, reason, all)
				if err != nil {
					return err
				}
				a.say("aborted: %s", name)
				for _, l := range left {
					a.say("left over: key %s; keyrite key adopt %s --token TOKEN takes it, keyrite key destroy %s destroys it once trust.yaml names another", l.Key, l.Key, l.Key)
				}
				return a.held(ws, name, nil)
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, in your words; it stands in the transcript")
	c.Flags().BoolVar(&all, "all", false, "for all sites: none of them goes on once it knows")
	c.MarkFlagRequired("reason")
	return a.answers(c, heldCeremony{})
}
