package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) kitCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "kit [NAME|FILE]",
		Short: "The sealed emergency kits: who is missing, are they stale",
		Long: `Show the emergency kits of this workspace, or one with the words of its file, to be
compared with the paper in its envelope. A kit is the next root with other keys in the
place of some, signed by fewer than it needs: keyrite plan --emergency seals one, keyrite
plan --complete has the missing ones sign, in the emergency.

Each is held against what is declared and signed now: root must not have moved on, the
keys must be those, the signatures good, and its expiry far enough. Exits with 5 when one
is stale. The file of a kit that is not needed any more is destroyed, wherever it is.`,
		Example: `  keyrite kit
  keyrite kit without-root-c
  keyrite kit /media/usb/without-root-c.kit`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error { return a.kits(ws, args) })
		},
	}
	return a.answers(c, shownKits{})
}

// shownKits is what kit answers.
type shownKits struct {
	Kits []kits.State `json:"kits"`
}

func (a *app) kits(ws *workspace.Workspace, args []string) error {
	now, err := a.now()
	if err != nil {
		return err
	}
	past, err := ceremonies.ReadUnfinished(ws)
	if err != nil {
		return err
	}
	shown := shownKits{}
	if len(args) == 0 {
		shown.Kits, err = kits.All(ws, past, now)
	} else {
		var k *kit.Kit
		if k, err = kit.Find(ws, args[0]); err == nil {
			shown.Kits = []kits.State{kits.Of(ws, past, k, now)}
		}
	}
	if err != nil {
		return err
	}
	if err := a.print(shown, func(w io.Writer) { shown.text(w, len(args) > 0) }); err != nil {
		return err
	}
	return shown.stale()
}

// stale is the error of kits that are of no use. One of which nobody can tell may be
// good, and whoever has the disk would like it destroyed.
func (s shownKits) stale() error {
	var stale, unjudged []string
	for _, k := range s.Kits {
		switch {
		case slices.ContainsFunc(k.Stale, func(m kit.Misfit) bool { return m.Misfit == kit.Unjudged }):
			unjudged = append(unjudged, k.Name)
		case k.Stale != nil:
			stale = append(stale, k.Name)
		}
	}
	if unjudged != nil {
		return fault.Errorf(fault.Incomplete, "cannot be judged: %s", words.List(unjudged)).
			Hint("keep the kits until what they are held against is as it should be; this says what is wrong: keyrite status")
	}
	if stale != nil {
		return fault.Errorf(fault.Incomplete, "stale: %s", words.List(stale)).
			Hint("destroy the file and the paper, and seal another one: keyrite plan REPOSITORY --emergency NAME")
	}
	return nil
}

func (s shownKits) text(w io.Writer, withWords bool) {
	if len(s.Kits) == 0 {
		fmt.Fprintln(w, "no emergency kit is here, and none was sealed for the next root")
	}
	for _, k := range s.Kits {
		for _, line := range slices.Concat(kitLines(k), staleLines(k)) {
			fmt.Fprint(w, page.Fill(line.Head, line.Text, columns))
		}
		if withWords {
			fmt.Fprintf(w, "sha-256   %s\nwords, as on the paper in the envelope\n%s\n", k.SHA256, terminalOf(w).Words(k.SHA256))
		}
	}
}

// kitLines are a kit in words.
func kitLines(k kits.State) (lines []page.Entry) {
	say := func(head, format string, args ...any) {
		lines = append(lines, page.Entry{Head: fmt.Sprintf("%-10s", head), Text: words.Line(fmt.Sprintf(format, args...))})
	}
	if k.Absent {
		say("kit", "%s of %s: root %d, sealed by %s; it is kept elsewhere", k.Name, k.Repository, k.Root, k.Ceremony)
	} else if k.Root > 0 {
		say("kit", "%s of %s: root %d, which expires %s", k.Name, k.Repository, k.Root, k.Expires.Format("2006-01-02"))
		var replaces []string
		for _, old := range slices.Sorted(maps.Keys(k.Replace)) {
			replaces = append(replaces, k.Replace[old]+" for "+old)
		}
		say("signed", "by %s in %s%s", words.List(k.Signers), k.Ceremony, tail("; replaces: ", strings.Join(replaces, ", ")))
		for _, l := range k.Lacks {
			say("lacks", "%s", l)
		}
	} else {
		say("kit", "%s", k.Name)
	}
	return lines
}

// staleLines are why a kit is of no use, or soon is not.
func staleLines(k kits.State) (lines []page.Entry) {
	for _, m := range k.Stale {
		lines = append(lines, page.Entry{Head: fmt.Sprintf("%-10s", "STALE"), Text: words.Line(m.Why)})
	}
	return lines
}

// tail is text with a head, or nothing.
func tail(head, text string) string {
	if text == "" {
		return ""
	}
	return head + text
}
