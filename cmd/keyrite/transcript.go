package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/evidence"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/follow"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
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
	from := ""
	c := &cobra.Command{
		Use:   "show CEREMONY[/SITE]",
		Short: "What happened, line by line",
		Long: `Show the transcript of a ceremony, or of custody (what was done with keys outside
of ceremonies), one event after another: line, time (UTC), step, who, what. The
chain is verified first. --output json gives the events as they stand there.

--from reads the evidence in a bundle, or in the folder that one was unpacked into,
without a workspace.`,
		Example: `  keyrite transcript show 2026-11-22-image-1
  keyrite transcript show custody
  keyrite transcript show 2026-11-22-image-1 --from image.tar`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withTranscripts(from, func(t transcripts) error {
				name, err := t.one(args[0])
				if err != nil {
					return err
				}
				events, err := transcript.Read(t, record.Dir(name))
				if err != nil {
					return err
				}
				return a.print(shownTranscript{name, events}, func(w io.Writer) { showEvents(w, name, events) })
			})
		},
	}
	fromFlag(c, &from)
	return a.answers(c, shownTranscript{})
}

// shownTranscript is a transcript as it stands there.
type shownTranscript struct {
	Name   string             `json:"name"` // CEREMONY/SITE, or custody
	Events []transcript.Event `json:"events"`
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
	from, witnesses := "", []string{}
	c := &cobra.Command{
		Use:   "verify [CEREMONY[/SITE]]",
		Short: "Check that no line, and no file that it states, was changed",
		Long: `Read transcripts strictly, follow their chains, and compare what they state by hash
(plans, records of keys, signatures, metadata) with the files that lie here; record.html
with what follows from them; and what witnesses signed with their keys in the plan. It
needs no token and no network. Without CEREMONY it checks all of them, and that of
custody. The first thing that is wrong is named, with its line; the exit code is 4.

--from checks the evidence in a bundle, or in the folder that one was unpacked into,
without a workspace, and that the metadata beside it is what the transcripts wrote.

Compare the words with the witness's paper: lines that are gone from the end of a
transcript, or a transcript that was made anew as a whole, only the paper tells, or
the key of a witness: --witness wants that somebody whose key you have signed the
newest transcript. A signature that was taken away looks like one that was never made:
both are "NOT signed".`,
		Example: `  keyrite transcript verify
  keyrite transcript verify 2026-11-22-image-1
  keyrite transcript verify --from image.tar --witness four.pub`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			keys, err := witnessKeys(witnesses)
			if err != nil {
				return err
			}
			return a.withTranscripts(from, func(t transcripts) error {
				names, err := t.all()
				if len(args) > 0 {
					names, err = t.named(args[0])
				}
				if err != nil {
					return err
				}
				return a.verifyTranscripts(t, names, keys)
			})
		},
	}
	fromFlag(c, &from)
	witnessFlag(c, &witnesses)
	return a.answers(c, verifiedTranscripts{})
}

// verifiedTranscripts is those that hold together, and what is wrong with the others.
type verifiedTranscripts struct {
	Transcripts []*record.Chain `json:"transcripts"`
	Problems    []problem       `json:"problems,omitempty"`
}

// problem is what is wrong with one transcript.
type problem struct {
	Name    string     `json:"name,omitempty"` // none: of all of them, no witness signed the newest
	Code    fault.Word `json:"code"`
	Message string     `json:"message"`
}

// verifyTranscripts shows what holds, and says of all others what does not.
func (a *app) verifyTranscripts(t transcripts, names []string, witnesses []witness.Key) error {
	found, problems := verifiedTranscripts{Transcripts: []*record.Chain{}}, []error(nil)
	for _, name := range names {
		chain, err := t.verify(name)
		if err != nil {
			report := fault.ReportOf(err)
			found.Problems = append(found.Problems, problem{name, report.Code, report.Message})
			problems = append(problems, err)
			continue
		}
		found.Transcripts = append(found.Transcripts, chain)
	}
	if err := evidence.Witnessed(found.Transcripts, witnesses); err != nil {
		problems = append(problems, err)
		report := fault.ReportOf(err)
		found.Problems = append(found.Problems, problem{"", report.Code, report.Message})
	}
	err := a.print(found, func(w io.Writer) {
		for _, c := range found.Transcripts {
			fmt.Fprintln(w, c.Text(terminalOf(w)))
		}
	})
	return errors.Join(append(problems, err)...)
}
