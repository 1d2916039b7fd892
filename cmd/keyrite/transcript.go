package main

import (
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/follow"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) transcriptCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "transcript",
		Short: "Read and check what happened",
		RunE:  help,
	}
	c.AddCommand(a.transcriptShowCommand(), a.transcriptVerifyCommand(), a.transcriptStatementCommand(), a.transcriptSignCommand())
	return c
}

func (a *app) transcriptShowCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "show CEREMONY[/SITE]",
		Short: "What happened, line by line",
		Long: `Show the transcript of a ceremony, or of custody (what was done with keys outside
of ceremonies), one event after another: line, time (UTC), step, who, what. The
chain is verified first. --output json gives the events as they stand there.`,
		Example: `  keyrite transcript show 2026-11-22-image-1
  keyrite transcript show custody`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, err := a.transcriptName(ws, args[0])
				if err != nil {
					return err
				}
				events, err := transcript.Read(ws.Folder, record.Dir(name))
				if err != nil {
					return err
				}
				return a.print(shownTranscript{name, events}, func(w io.Writer) { showEvents(w, name, events) })
			})
		},
	}
	return a.answers(c, shownTranscript{})
}

// shownTranscript is a transcript as it stands there.
type shownTranscript struct {
	Name   string             `json:"name"` // CEREMONY/SITE, or custody
	Events []transcript.Event `json:"events"`
}

// transcriptName is the name of the one transcript that is meant.
func (a *app) transcriptName(ws *workspace.Workspace, given string) (string, error) {
	names, err := a.transcriptNames(ws, given)
	if err != nil {
		return "", err
	}
	if len(names) > 1 {
		return "", fault.Errorf(fault.Usage, "%s was held at %s", given, words.Count(len(names), "site")).
			Hint("name one of %s", words.List(names))
	}
	return names[0], nil
}

// transcriptNames are those of a ceremony, one for each site; or that of one site,
// or custody.
func (a *app) transcriptNames(ws *workspace.Workspace, given string) ([]string, error) {
	name := a.inWorkspace(ws, given)
	if path.Clean(name) == record.Custody {
		return []string{record.Custody}, nil
	}
	ceremony, err := ceremonies.Name(name)
	if err == nil {
		names, err := record.TranscriptsOf(ws, ceremony)
		if len(names) == 0 && err == nil {
			err = fault.Errorf(fault.Incomplete, "%s has not begun", ceremony).Hint("keyrite run %s", ceremony)
		}
		return names, err
	}
	if of, siteErr := ceremonies.Name(path.Dir(name)); siteErr == nil {
		return []string{of + "/" + path.Base(name)}, nil
	}
	return nil, err
}

func showEvents(w io.Writer, name string, events []transcript.Event) {
	fmt.Fprintln(w, name)
	day := ""
	for _, e := range events {
		if today := e.Time.Format(time.DateOnly); today != day {
			fmt.Fprintf(w, "%s\n", today)
			day = today
		}
		fmt.Fprintln(w, screen.Terminal{Width: 80}.Render(follow.Line(e)))
	}
}

func (a *app) transcriptVerifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify [CEREMONY[/SITE]]",
		Short: "Check that no line, and no file that a transcript states, was changed",
		Long: `Read transcripts strictly, follow their chains, and compare what they state by hash
(plans, records of keys, signatures, metadata) with the files that lie here; and
record.html with what follows from them. It needs no token and no network. Without CEREMONY it checks all of them, and that of
custody. The first thing that is wrong is named, with its line; the exit code is 4.

Compare the words with the witness's paper: lines that are gone from the end of a
transcript, or a transcript that was made anew as a whole, only the paper tells.`,
		Example: `  keyrite transcript verify
  keyrite transcript verify 2026-11-22-image-1`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				names, err := record.Transcripts(ws)
				if len(args) > 0 {
					names, err = a.transcriptNames(ws, args[0])
				}
				if err != nil {
					return err
				}
				return a.verifyTranscripts(ws, names)
			})
		},
	}
	return a.answers(c, verifiedTranscripts{})
}

// verifiedTranscripts is those that hold together, and what is wrong with the others.
type verifiedTranscripts struct {
	Transcripts []*record.Chain `json:"transcripts"`
	Problems    []problem       `json:"problems,omitempty"`
}

// problem is what is wrong with one transcript.
type problem struct {
	Name    string     `json:"name"`
	Code    fault.Word `json:"code"`
	Message string     `json:"message"`
}

// verifyTranscripts shows what holds, and says of all others what does not.
func (a *app) verifyTranscripts(ws *workspace.Workspace, names []string) error {
	found, problems := verifiedTranscripts{Transcripts: []*record.Chain{}}, []error(nil)
	for _, name := range names {
		chain, err := record.Verify(ws, name)
		if err != nil {
			report := fault.ReportOf(err)
			found.Problems = append(found.Problems, problem{name, report.Code, report.Message})
			problems = append(problems, err)
			continue
		}
		found.Transcripts = append(found.Transcripts, chain)
	}
	err := a.print(found, func(w io.Writer) {
		for _, c := range found.Transcripts {
			fmt.Fprintln(w, c)
		}
	})
	return errors.Join(append(problems, err)...)
}
