package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/merge"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/qr"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func (a *app) mergeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "merge CEREMONY FOLDER|FILE...",
		Short: "Take in what other sites did of a ceremony",
		Long: `Take in, from a stick, what other sites did: their transcripts, the public records of
keys that they made, and their signatures. Order does not matter, and what is here
already is no error. FOLDER is a workspace, or the folder of one ceremony or of one
site in it; FILE is one that keyrite export made, a single signature or record of a
key, a picture (PNG, JPEG) of the QR codes of keyrite export --qr, or the text of
scanned ones.

Whoever carried the stick may have changed everything on it. A signature must be of
exactly the planned bytes by the planned key; what is foreign, stale, of another plan
or of an aborted ceremony, or differs from what is here, is refused by name, and then
nothing is taken in. Words of the keys that other sites made are asked for by voice,
in keyrite run.

Between sites that share a git repository, git merge does the same.`,
		Example: `  keyrite merge 2026-11-22-image-1 /media/stick/roadster
  keyrite merge 2026-11-22-image-1 geneva.json
  keyrite merge 2026-11-22-image-1 photo-1.jpg photo-2.jpg`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, err := a.ceremony(ws, args[:1])
				if err != nil {
					return err
				}
				result, err := merge.Take(ws, name, args[1:])
				if err != nil {
					return err
				}
				return a.print(result, func(w io.Writer) { printMerged(w, result) })
			})
		},
	}
	return a.answers(c, &merge.Result{})
}

func printMerged(w io.Writer, r *merge.Result) {
	for _, name := range r.Taken {
		fmt.Fprintf(w, "took in        %s\n", words.Printable(name))
	}
	if n := len(r.Here); n > 0 {
		fmt.Fprintf(w, "already here   %s\n", words.Count(n, "file"))
	}
	if n := len(r.Left); n > 0 {
		fmt.Fprintf(w, "left there     %s that no site needs from another\n", words.Count(n, "file"))
	}
	for _, name := range r.Unverified {
		fmt.Fprintf(w, "not verified   %s: keyrite run does, before it counts\n", words.Printable(name))
	}
	fmt.Fprintf(w, "next           keyrite run %s\n", r.Ceremony)
}

// exported is what keyrite export wrote, or what its QR codes hold.
type exported struct {
	Ceremony string        `json:"ceremony"`
	Site     string        `json:"site"`
	File     string        `json:"file,omitempty"`
	Codes    []string      `json:"codes,omitempty"`
	Bytes    int           `json:"bytes"`
	SHA256   digest.SHA256 `json:"sha256"`
}

func (a *app) exportCommand() *cobra.Command {
	out, key, codes := "", "", false
	c := &cobra.Command{
		Use:   "export CEREMONY -o FILE",
		Short: "Pack what this site did of a ceremony, for the others",
		Long: `Pack what this site did of a ceremony into one file for a stick: its transcript,
the records of the keys that it made, its signatures, what witnesses signed. The other
sites take it in with keyrite merge. Nothing of it is secret.

With --qr, the records and signatures alone are shown on this terminal as QR codes,
light on dark; several, one after another, where one is too small. A camera on the other
side takes their pictures.`,
		Example: `  keyrite export 2026-11-22-image-1 -o /media/stick/munich.json
  keyrite export 2026-11-22-image-1 --qr --key root-a`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (out == "") != codes || key != "" && !codes {
				return fault.Errorf(fault.Usage, "want either -o FILE, or --qr and perhaps --key NAME")
			}
			return a.withWorkspace(func(ws *workspace.Workspace) error {
				name, err := a.ceremony(ws, args)
				if err != nil {
					return err
				}
				data, site, err := merge.Pack(ws, name, key, codes)
				if err != nil {
					return err
				}
				e := exported{Ceremony: name, Site: site, File: out, Bytes: len(data), SHA256: digest.Of(data)}
				if codes {
					return a.showCodes(cmd.Context(), e, data)
				}
				return a.export(e, data)
			})
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "the file to write")
	c.Flags().StringVar(&key, "key", "", "with --qr: what there is of this key alone")
	c.Flags().BoolVar(&codes, "qr", false, "show keys and signatures as QR codes")
	return a.answers(c, exported{})
}

func (a *app) export(e exported, data []byte) error {
	err := disk.CreateFile(e.File, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(data))
		return err
	})
	if err != nil {
		return err
	}
	return a.print(e, func(w io.Writer) {
		fmt.Fprintf(w, "wrote %s: %s of %s, SHA-256 %s\n", words.Printable(e.File), words.Count(e.Bytes, "byte"), e.Site, e.SHA256)
		fmt.Fprintf(w, "there: keyrite merge %s %s\n", e.Ceremony, words.Printable(path.Base(e.File)))
	})
}

// codeScreen is the terminal that shows codes; in a file they are as on a usual one.
func (a *app) codeScreen() qr.Screen {
	s := qr.Screen{Width: 80, Height: 24, ASCII: !prompt.UTF8()}
	if t := prompt.Terminal(a.stdout); t.Width > 0 {
		s.Width, s.Height = t.Width, t.Height
	} else if s.ASCII {
		s.Height = 0
	}
	return s
}

// showCodes shows a file as QR codes, each until somebody goes on.
func (a *app) showCodes(ctx context.Context, e exported, data []byte) error {
	p, s := a.prompter(), a.codeScreen()
	frames, err := s.Frames(data)
	if err != nil {
		return err
	}
	if a.json() {
		e.Codes = frames
		return a.print(e, nil)
	}
	for i, frame := range frames {
		drawn, err := s.Draw(frame)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "\n%s", drawn)
		if !p.Asks() || i+1 == len(frames) {
			fmt.Fprintf(a.stdout, "QR code %d of %d\n", i+1, len(frames))
			continue
		}
		if _, err := p.Line(ctx, fmt.Sprintf("QR code %d of %d. Enter shows the next. ", i+1, len(frames))); err != nil {
			return err
		}
	}
	return nil
}
