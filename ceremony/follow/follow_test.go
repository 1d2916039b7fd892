package follow

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

const name = "2026-11-23-image-1/main"

// held is a transcript that grows.
type held struct {
	t      *testing.T
	dir    string
	folder *disk.Folder
	log    *transcript.Transcript
	now    time.Time
}

func newHeld(t *testing.T) *held {
	t.Helper()
	h := &held{t: t, dir: t.TempDir(), now: ceremonytest.Now}
	var err error
	if h.folder, err = disk.Open(h.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.folder.Close() })
	return h
}

func (h *held) append(step int, list ...transcript.Data) {
	h.t.Helper()
	if h.log == nil {
		var err error
		if h.log, err = transcript.Open(h.folder, "ceremonies/"+name, func() time.Time { h.now = h.now.Add(7 * time.Second); return h.now }); err != nil {
			h.t.Fatal(err)
		}
		h.t.Cleanup(func() { h.log.Close() })
	}
	for _, d := range list {
		if err := h.log.Append(step, transcript.ActorTool, d); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *held) file() string { return filepath.Join(h.dir, "ceremonies", name, "transcript.jsonl") }

// TestTranscript waits for a ceremony, shows each line once, and ends with it.
func TestTranscript(t *testing.T) {
	h := newHeld(t)
	var shown []string
	err := Transcript(t.Context(), h.folder, name, func(events []transcript.Event, n int) {
		for _, e := range events[len(events)-n:] {
			shown = append(shown, string(e.Event))
		}
		switch len(events) {
		case 0:
			h.append(0, transcript.Started{}, transcript.Checkpoint{})
		case 2:
			h.append(1, transcript.Note{Text: "x"})
		case 3:
			h.append(0, transcript.Finished{Repository: "image"})
		}
	})
	if want := []string{"started", "checkpoint", "note", "finished"}; err != nil || !slices.Equal(shown, want) {
		t.Errorf("got %q, %v; want %q", shown, err, want)
	}
}

func TestStopsWatching(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := Transcript(ctx, newHeld(t).folder, name, func([]transcript.Event, int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestChanged has somebody with the disk change what was seen: cut, replaced, edited,
// taken away. A line that is half written is no change.
func TestChanged(t *testing.T) {
	for what, tt := range map[string]struct {
		change func(h *held, text string) string
		want   string
	}{
		"cut": {func(_ *held, text string) string { return text[:strings.Index(text, "\n")+1] }, "lines are gone from its end, after line 2"},
		"replaced": {func(h *held, _ string) string {
			o := newHeld(h.t)
			o.now = o.now.Add(time.Hour)
			o.append(0, transcript.Started{}, transcript.Checkpoint{}, transcript.Checkpoint{})
			return ceremonytest.Content(h.t, o.file())
		}, "another one was put in its place, after line 2"},
		"edited": {func(_ *held, text string) string { return strings.Replace(text, "started", "resumed", 1) }, "transcript.jsonl:1: "},
		"gone":   {func(h *held, _ string) string { os.Remove(h.file()); return "" }, "it is gone, after line 2" + ceremonytest.Hinted + "stop the ceremony; write down these words with the time: "},
		"half":   {func(_ *held, text string) string { return text + `{"seq":3` }, ""},
	} {
		t.Run(what, func(t *testing.T) {
			h := newHeld(t)
			h.append(0, transcript.Started{Plan: digest.Of([]byte("plan"))}, transcript.Checkpoint{})
			f := follower{files: h.folder, name: name}
			if _, grown, err := f.look(); err != nil || grown != 2 {
				t.Fatal(grown, err)
			}
			if text := tt.change(h, ceremonytest.Content(t, h.file())); text != "" {
				if err := os.WriteFile(h.file(), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, grown, err := f.look()
			if tt.want == "" {
				if err != nil || grown != 0 {
					t.Errorf("got %d, %v", grown, err)
				}
				return
			}
			ceremonytest.WantError(t, err, fault.Unverified, tt.want)
		})
	}
}

// TestDraw fits every screen, from 40 to 120 columns, and says the same on it.
func TestDraw(t *testing.T) {
	h := newHeld(t)
	p := &plan.Plan{Fleet: "roadster", Ceremony: "2026-11-23-image-1", Steps: []plan.Step{{Step: 1, Do: plan.Generate, Key: "root-a", Type: "ed25519"}, {Step: 2, Do: plan.Verify}}}
	s := Screen{Plan: p, Name: name, Fake: true}
	h.append(0, transcript.Started{Fake: true}, transcript.Checkpoint{})
	for range 30 {
		h.append(1, transcript.Asked{Who: "crypto officer 1", Phrase: "generate root-a"}, transcript.Generated{Key: "root-a"})
	}
	events := slices.Collect(h.log.Events())
	for _, size := range [][2]int{{40, 24}, {80, 24}, {80, 16}, {120, 50}} {
		terminal := screen.Terminal{Width: size[0], Height: size[1]}
		text := terminal.Render(s.Draw(events, h.now, terminal))
		for line := range strings.SplitSeq(text, "\n") {
			if n := utf8.RuneCountInString(line); n > size[0] {
				t.Errorf("%v: a line of %d columns: %q", size, n, line)
			}
		}
		if n := strings.Count(text, "\n") + 1; n > size[1]-1 && size[0] > 40 {
			t.Errorf("%v: %d lines\n%s", size, n, text)
		}
		flat := strings.Join(strings.Fields(text), " ")
		for _, want := range []string{"FAKE · roadster · " + name, "step 1 of 2: generate root-a", "paper head of line 2: " + events[1].Hash.WordText(), "62 lines verified", "now 05:07:14 generated root-a"} {
			if !strings.Contains(flat, want) {
				t.Errorf("%v: no %q in\n%s", size, want, text)
			}
		}
	}
	if text := s.Draw(nil, h.now, usual).String(); !strings.Contains(text, "not begun yet") || !strings.Contains(text, "waiting for the first line") {
		t.Errorf("got %s", text)
	}
	h.append(0, transcript.Aborted{Because: "x"})
	if text := s.Draw(slices.Collect(h.log.Events()), h.now, usual).String(); !strings.Contains(text, "· aborted\n") {
		t.Errorf("got %s", text)
	}
}

// usual is a terminal that shows as much as most do.
var usual = screen.Terminal{Width: 80, Height: 24, Colour: true}

// TestStyles sets what happens as run does: green only where a signature was verified,
// red what failed and what is fake; none of it without colours, and ASCII where the
// locale is.
func TestStyles(t *testing.T) {
	h := newHeld(t)
	h.append(1, transcript.Generated{Key: "root-a"}, transcript.Reviewed{Role: "root", Version: 1}, transcript.Signed{Key: "root-a", Role: "root", Version: 1}, transcript.Failed{Error: "pulled"})
	s := Screen{Plan: &plan.Plan{Fleet: "roadster"}, Name: name, Fake: true}
	picture := s.Draw(slices.Collect(h.log.Events()), h.now, usual)
	text := usual.Render(picture)
	for _, want := range []string{"\x1b[31mFAKE\x1b[0m", "\x1b[32mgenerated root-a", "05:00:14  reviewed root 1", "\x1b[32m", "\x1b[31m", "pulled"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%q", want, text)
		}
	}
	if got := (screen.Terminal{Width: 80, Height: 24, ASCII: true}).Render(picture); strings.ContainsAny(got, "\x1b·") || !strings.Contains(got, "FAKE - roadster - ") {
		t.Errorf("got %q", got)
	}
}

// TestLine shows the head in words where one is for the paper.
func TestLine(t *testing.T) {
	h := newHeld(t)
	h.append(0, transcript.Checkpoint{})
	e := slices.Collect(h.log.Events())[0]
	if got := strings.Join(strings.Fields(Line(e).String()), " "); !strings.HasSuffix(got, "head "+e.Hash.WordText()) || !strings.HasPrefix(got, "1 05:00:07 keyrite ") {
		t.Errorf("got %q", got)
	}
}
