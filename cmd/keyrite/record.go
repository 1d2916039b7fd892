package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) recordCommand() *cobra.Command {
	out := printed{file: record.File}
	c := &cobra.Command{
		Use:   "record CEREMONY[/SITE]",
		Short: "The paper of what happened, to sign and to file",
		Long: `Make the record of a ceremony from its transcript, and from what transcript and
plan state by hash: keys with evidence, signatures, deviations, trust before and
after, and the openssl commands that check each signature without keyrite. The
same ceremony makes the same bytes.

Of a ceremony that several sites held it is one record of all whose transcripts are
here, each with its people, its equipment and its own chain; CEREMONY/SITE is that of
one site alone.

It is one HTML file for A4, without scripts and references, that any browser
prints: by default record.html in the site's folder of the ceremony, of all
sites joined.html in that of this one. --text writes plain text
to stdout instead.`,
		Example: `  keyrite record 2026-11-22-image-1
  keyrite record 2026-11-22-image-1 --text | less`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				names, err := a.transcriptsOf(ws).named(args[0])
				if err != nil {
					return err
				}
				if len(names) > 1 && !record.IsCustody(names[0]) {
					return a.printJoined(ws, path.Dir(names[0]), out)
				}
				name, err := a.transcriptsOf(ws).one(args[0])
				if err != nil {
					return err
				}
				d, err := record.Make(ws, name)
				if err != nil {
					return err
				}
				return a.printOut(ws, path.Join(record.Dir(name), out.file), out, d)
			})
		},
	}
	out.flags(c)
	return a.answers(c, printedPaper{})
}

// printJoined makes the record of all sites of a ceremony.
func (a *app) printJoined(ws *workspace.Workspace, ceremony string, out printed) error {
	site, err := ws.SiteName()
	if err != nil {
		return err
	}
	d, err := record.MakeJoined(ws, ceremony)
	if err != nil {
		return err
	}
	out.file = record.JoinedFile
	return a.printOut(ws, path.Join(ceremonies.SiteDir(ceremony, site), out.file), out, d)
}

// printed is where a paper goes, and in which form.
type printed struct {
	file string // its name, where -o gives none
	held string // why the one that lies there stays; empty: it may go
	to   string
	text bool
}

func (p *printed) flags(c *cobra.Command) {
	c.Flags().StringVarP(&p.to, "out", "o", "", "the file to write (default "+p.file+", beside what it is about)")
	c.Flags().BoolVar(&p.text, "text", false, "plain text, to stdout unless -o is given")
}

// printOut writes a paper. One that is there already, with the same bytes, is left
// alone.
func (a *app) printOut(ws *workspace.Workspace, file string, p printed, d *page.Document) error {
	data := d.Text()
	if !p.text {
		var err error
		if data, err = d.HTML(); err != nil {
			return err
		}
	}
	switch {
	case p.to != "":
		file = p.to
		if err := createOutside(file, data); err != nil {
			return err
		}
	case p.text:
		return a.print(printedPaper{Text: string(data)}, func(w io.Writer) { w.Write(data) })
	default:
		if err := create(ws, file, data); errors.Is(err, fs.ErrExist) {
			return fault.Errorf(fault.CodeOf(err), "%w, and it says something else", err).Hint("%s", p.elsewhere())
		} else if err != nil {
			return err
		}
	}
	made := printedPaper{File: file, SHA256: digest.Of(data)}
	if !p.text {
		made.Pages = d.Pages()
		a.say("%s: %d pages of A4; print them at 100%%, one-sided", file, made.Pages)
	}
	return a.print(made, nil)
}

// printedPaper is what was made to be printed.
type printedPaper struct {
	File   string        `json:"file,omitempty"`
	SHA256 digest.SHA256 `json:"sha256,omitzero"`
	Pages  int           `json:"pages,omitempty"` // of A4
	Text   string        `json:"text,omitempty"`  // with --text and no file
}

// create writes a file of the workspace, or finds it as it should be.
func create(ws *workspace.Workspace, file string, data []byte) error {
	err := ws.Create(file, data)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if there, readErr := ws.Read(file, int64(len(data))); readErr == nil && bytes.Equal(there, data) {
		return nil
	}
	return err
}

// elsewhere says where a paper can go, if another one lies in its place.
func (p printed) elsewhere() string {
	if p.held != "" {
		return p.held + "; name another with -o"
	}
	return "compare the two, then move that one away or name another with -o"
}

// createOutside writes a file that is named as the caller sees it.
func createOutside(file string, data []byte) error {
	return disk.CreateFile(file, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
