package main

import (
	"errors"
	"fmt"
	"os"
	"path"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/follow"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) followCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "follow [CEREMONY[/SITE]]",
		Short: "A screen for those who watch, which only reads",
		Long: `Follow a ceremony on a second screen: what is done, what happens now, and the words
that the witness's paper should have. It reads the transcript as it grows, verifies
the chain of its lines, and notices when a line that was there is another one or
none. It opens no token, asks nothing and writes nothing, and ends with the
ceremony. Without CEREMONY it follows the one that is under way.

On a terminal it is one picture; elsewhere, and with KEYRITE_PLAIN=1, a line for
each event.`,
		Example: `  keyrite follow 2026-11-22-image-1

  # a rehearsal
  keyrite -C rehearsals/2026-11-22-image-1/FAKE-1 follow`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, screen, err := a.toFollow(ws, args)
				if err != nil {
					return err
				}
				err = follow.Transcript(cmd.Context(), ws, name, a.watcher(cmd, screen))
				if errors.Is(err, cmd.Context().Err()) && cmd.Context().Err() != nil {
					return fault.Errorf(fault.Interrupted, "stopped watching; %s goes on without this screen", name)
				}
				return err
			})
		},
	}
	a.tells(c, transcript.Event{})
	return a.answers(c, followed{})
}

// followed is a transcript that was watched, as far as it had come.
type followed struct {
	Name  string           `json:"name"` // CEREMONY/SITE
	State ceremonies.Stage `json:"state"`
	Lines int              `json:"lines"`
	Head  digest.SHA256    `json:"head,omitzero"` // of the last line
}

// heard keeps what was watched, for programs.
func (a *app) heard(c *cobra.Command, name string, events []transcript.Event, n int) {
	for _, e := range events[len(events)-n:] {
		a.tell(c, e)
	}
	seen := followed{Name: name, State: record.State(events), Lines: len(events)}
	if seen.Lines > 0 {
		seen.Head = events[seen.Lines-1].Hash
	}
	a.print(seen, nil)
}

// toFollow is the transcript that is meant, also one that nobody has begun yet.
func (a *app) toFollow(ws *workspace.Workspace, args []string) (name string, screen follow.Screen, err error) {
	given := ""
	if len(args) > 0 {
		given = a.inWorkspace(ws, args[0])
	}
	ceremony, err := a.ceremony(ws, args)
	if err != nil && given != "" {
		ceremony, err = ceremonies.Name(path.Dir(given)) // with its site
		name = ceremony + "/" + path.Base(given)
	}
	if err != nil {
		return "", screen, err
	}
	if name == "" {
		site, err := ws.Site()
		if err != nil {
			return "", screen, err
		}
		name = ceremony + "/" + site.Name
	}
	p, _, err := plan.Read(ws, ceremony)
	if err != nil {
		return "", screen, err
	}
	fake, err := ws.Rehearsal()
	return name, follow.Screen{Plan: p, Name: name, Fake: fake != nil}, err
}

// Home and clear: what every terminal with a size knows.
const redraw = "\x1b[H\x1b[2J"

// watcher shows events on stdout, drawn or line by line.
func (a *app) watcher(c *cobra.Command, s follow.Screen) follow.View {
	return func(events []transcript.Event, n int) {
		if a.json() {
			a.heard(c, s.Name, events, n)
			return
		}
		terminal := prompt.Terminal(a.stdout)
		if isDrawn(terminal) {
			fmt.Fprintln(a.stdout, redraw+terminal.Render(s.Draw(events, clock(), terminal)))
			return
		}
		if len(events) == 0 {
			a.say("waiting for %s to begin", s.Name)
		}
		for _, e := range events[len(events)-n:] {
			fmt.Fprintln(a.stdout, terminal.Render(follow.Line(e)))
		}
	}
}

// isDrawn says whether one picture can stand there for the other.
func isDrawn(t screen.Terminal) bool {
	kind := os.Getenv("TERM")
	return t.Height >= 16 && kind != "" && kind != "dumb" && os.Getenv("KEYRITE_PLAIN") != "1"
}
