package record

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Custody is the folder of the transcripts of what was done with keys outside of ceremonies.
const Custody = transcript.CustodyDir

// Chain is a transcript that holds together, with the files that it states.
type Chain struct {
	Name  string           `json:"name"` // CEREMONY/SITE, or custody
	Lines int              `json:"lines"`
	Begun time.Time        `json:"begun"`
	Last  time.Time        `json:"last"`
	State ceremonies.Stage `json:"state,omitempty"` // empty for custody
	Head  digest.SHA256    `json:"head"`            // of the last line
	// Shown is the last hash that was shown for the witness's paper, and in which
	// line; 0 for none.
	Shown     digest.SHA256 `json:"shown,omitzero"`
	ShownLine int           `json:"shown-line,omitempty"`
	Files     int           `json:"files"` // whose hashes are those of the transcript
	Deed      int           `json:"deed"`  // newest line that says that something was made, signed or verified; 0: none
	// Witnesses signed one of its heads, each by the key that the plan has for them.
	// Whose key that is, people who compared the plan's words know.
	Witnesses []witness.Statement `json:"witnesses,omitempty"`
	// Unsigned are witnesses of the plan of whom there is no signature that covers the
	// line Deed: they have not signed, or somebody took it away.
	Unsigned []string `json:"unsigned,omitempty"`
}

// Transcripts are the names of all transcripts of a workspace: CEREMONY/SITE, and
// custody/SITE.
func Transcripts(files workspace.Files) ([]string, error) {
	held, err := ceremonies.Names(files)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, ceremony := range held {
		of, err := TranscriptsOf(files, ceremony)
		if err != nil {
			return nil, err
		}
		names = append(names, of...)
	}
	custody, err := CustodyTranscripts(files)
	return append(names, custody...), err
}

// CustodyTranscripts are the names of the transcripts of custody, one for each site.
func CustodyTranscripts(files workspace.Files) ([]string, error) {
	sites, err := files.List(Custody)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, site := range sites {
		names = append(names, transcript.CustodyOf(site))
	}
	return there(files, names)
}

// IsCustody says whether a transcript is one of custody.
func IsCustody(name string) bool { return name == Custody || strings.HasPrefix(name, Custody+"/") }

// TranscriptsOf are the names of a ceremony's transcripts, one for each site.
func TranscriptsOf(files workspace.Files, ceremony string) ([]string, error) {
	sites, err := ceremonies.Sites(files, ceremony)
	for i, site := range sites {
		sites[i] = ceremony + "/" + site
	}
	if err != nil {
		return nil, err
	}
	return there(files, sites)
}

// there leaves out those that nobody has begun.
func there(files workspace.Files, names []string) (begun []string, err error) {
	for _, name := range names {
		in, err := files.List(Dir(name))
		if err != nil {
			return nil, err
		}
		if slices.Contains(in, transcript.File) {
			begun = append(begun, name)
		}
	}
	return begun, nil
}

// ceremonyOf is the ceremony of a transcript.
func ceremonyOf(name string) string {
	ceremony, _, _ := strings.Cut(name, "/")
	return ceremony
}

// Dir is the folder of a transcript.
func Dir(name string) string {
	if IsCustody(name) {
		return name
	}
	return ceremonies.Dir(name)
}

// Check parses one transcript strictly, follows its chain, and compares the files
// that it states with their hashes. The first thing that is wrong is an error with
// code Unverified, which names the file and, in a transcript, the line.
//
// Lines that are gone from the end leave a sound chain: only the words on the
// witness's paper tell.
func Check(files workspace.Files, name string) (*Chain, error) {
	events, err := transcript.Read(files, Dir(name))
	if err != nil {
		return nil, err
	}
	c := &Chain{Name: name, Lines: len(events), State: stateOf(name, events)}
	for _, e := range events {
		if c.Begun.IsZero() {
			c.Begun = e.Time
		}
		c.Last, c.Head = e.Time, e.Hash
		if isDeed(e.Data) {
			c.Deed = e.Seq
		}
		if e.Shown() {
			c.Shown, c.ShownLine = e.Hash, e.Seq
		}
	}
	s := &stated{files: workspace.View{Files: files}, name: name, dir: Dir(name), events: events}
	if err := s.check(); err != nil {
		return nil, err
	}
	c.Files, c.Witnesses = s.count, s.witnessed
	if !IsCustody(name) {
		c.Unsigned = c.unsigned(s.planned)
	}
	return c, nil
}

func isDeed(d transcript.Data) bool {
	switch d.(type) {
	case transcript.Generated, transcript.Signed, transcript.Written, transcript.Sealed, transcript.Verified, transcript.Destroyed:
		return true
	}
	return false
}

func stateOf(name string, events []transcript.Event) ceremonies.Stage {
	if IsCustody(name) {
		return ""
	}
	return State(events)
}

// State is how a ceremony ended by its transcript, or that it is under way.
func State(events []transcript.Event) ceremonies.Stage {
	for _, e := range events {
		if _, _, ended := e.Ended(); ended {
			return ceremonies.Stage(e.Event)
		}
	}
	return ceremonies.UnderWay
}

func (c *Chain) String() string { return c.Text(screen.Terminal{}) }

// Text is the transcript in some lines, the head in words.
func (c *Chain) Text(t screen.Terminal) string {
	text := fmt.Sprintf("%s: %s, %s to %s", c.Name, words.Count(c.Lines, "line"), c.Begun.Format(layout), c.Last.Format(layout))
	if c.State != "" {
		text += ", " + c.State.Words()
	}
	if c.Files > 0 {
		text += fmt.Sprintf("\n  files    %d, as the transcript states them", c.Files)
	}
	for _, w := range c.Witnesses {
		text += fmt.Sprintf("\n  witness  %s signed line %d of %d, by key %s", words.Line(w.Witness), w.Line, c.Lines, w.Key.Fingerprint())
	}
	for _, who := range c.Unsigned {
		text += fmt.Sprintf("\n  witness  NOT signed by %s, up to line %d", words.Line(who), c.Deed)
	}
	if c.ShownLine == 0 {
		return text + fmt.Sprintf("\n  head     %s\n%s", c.Head, t.Words(c.Head))
	}
	return text + fmt.Sprintf("\n  paper    the witness has the words of line %d:\n%s\n  head     %s", c.ShownLine, t.Words(c.Shown), c.Head)
}

const layout = time.DateTime + "Z"
