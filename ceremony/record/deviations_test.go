package record

import (
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/tell"
	"github.com/uptane/keyrite/ceremony/transcript"
)

func TestDeviations(t *testing.T) {
	for want, d := range map[string]transcript.Data{
		"no":                transcript.Declined{Phrase: "x"},
		"mistyped":          transcript.Mistyped{Phrase: "x", Word: 1},
		"exception":         transcript.Exception{Number: 1, Text: "x"},
		"somebody left":     transcript.Left{Name: "x", Part: "y"},
		"failure":           transcript.Failed{Error: "x"},
		"resumption":        transcript.Resumed{},
		"crash":             transcript.Torn{},
		"note":              transcript.Note{Text: "x"},
		"leftover taken in": transcript.Adopted{},
		"abort":             transcript.Aborted{},
		"":                  transcript.Checkpoint{},
	} {
		s := &source{chain: &Chain{}, events: []transcript.Event{{Seq: 1, Data: transcript.Started{}}, {Seq: 2, Data: d}}}
		rows := s.deviationRows()
		if want == "" && len(rows) == 0 {
			continue
		}
		if len(rows) != 1 || rows[0][0] != "2" || rows[0][3] != want {
			t.Errorf("%T: got %v, want %s", d, rows, want)
		}
	}
}

// TestDeviationsOfCourse are those that no single line shows.
func TestDeviationsOfCourse(t *testing.T) {
	now := time.Unix(1800000000, 0)
	signing := transcript.Signing{Role: "root", Key: "a"}
	s := &source{chain: &Chain{}, events: []transcript.Event{
		{Seq: 1, Step: 1, Time: now, Data: signing},
		{Seq: 2, Step: 2, Time: now, Data: signing},
		{Seq: 3, Step: 1, Time: now.Add(time.Second), Data: signing},
		{Seq: 4, Step: 1, Time: now, Data: transcript.Checkpoint{}},
	}}
	rows := s.deviationRows()
	if len(rows) != 2 || rows[0][0] != "3" || rows[0][3] != "repetition" || rows[1][0] != "4" || rows[1][3] != "clock went back" {
		t.Errorf("got %v", rows)
	}
	s.events = s.events[:2]
	if section := s.deviations(); len(s.deviationRows()) != 0 || !strings.HasPrefix(textOf(section), "! None:") {
		t.Errorf("got %s", textOf(section))
	}
}

// TestRehearsal quotes the rehearsal that the transcript quotes, or says that it has
// found none.
func TestRehearsal(t *testing.T) {
	head := digest.Of([]byte("head"))
	at := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		d        transcript.Rehearsed
		said, A9 string
	}{
		{transcript.Rehearsed{}, "no rehearsal of this plan was found", "No rehearsal of this plan was found"},
		{transcript.Rehearsed{State: "unreadable", World: "rehearsals/x"}, "this plan was rehearsed in rehearsals/x, but unreadable", "No rehearsal of this plan was found"},
		{transcript.Rehearsed{Head: head, State: "finished", Time: at, World: "rehearsals/x"}, "this plan was rehearsed in rehearsals/x: finished on 2026-11-28 09:00:00Z", head.Words()[0]},
	} {
		s := &source{chain: &Chain{}, events: []transcript.Event{{Seq: 1, Data: transcript.Started{}}, {Seq: 2, Data: tt.d}}}
		if got := tell.Event(tt.d); !strings.HasPrefix(got, tt.said) {
			t.Errorf("got %q, want %q", got, tt.said)
		}
		if got := textOf(s.rehearsal()); !strings.Contains(got, tt.A9) {
			t.Errorf("got %s, want %q", got, tt.A9)
		}
	}
}

func TestFakeRecord(t *testing.T) {
	for fake, want := range map[bool]string{true: "FAKE: rehearsal of c", false: ""} {
		s := &source{plan: &plan.Plan{Ceremony: "c"}, events: []transcript.Event{{Data: transcript.Started{Fake: fake}}}}
		if got := s.band(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := tell.Event(transcript.Started{Fake: true}); !strings.HasPrefix(got, "FAKE: ") {
		t.Errorf("got %q", got)
	}
}
