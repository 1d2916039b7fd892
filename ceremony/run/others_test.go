package run

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// byVoice asks for words of a key that another site reads aloud.
var byVoice = regexp.MustCompile(`^By voice from geneva, key root-a words ([0-9, and]+): $`)

// hearing is a machine that compares root-a with geneva, which reads the words of sum.
func hearing(t *testing.T, sum func(print digest.SHA256) digest.SHA256) (*machine, *ceremonytest.Person) {
	s := newStage(t)
	person := &ceremonytest.Person{}
	r := s.room(person)
	now, err := scene.Read(r.Workspace, "image", s.now())
	if err != nil {
		t.Fatal(err)
	}
	site, err := r.Workspace.Site()
	if err != nil {
		t.Fatal(err)
	}
	log, err := transcript.Open(r.Workspace.Folder, s.siteDir(), r.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	print := digest.SHA256(now.Ring.Keys["root-a"].Fingerprint)
	person.Instead = func(question string) (string, bool) {
		m := byVoice.FindStringSubmatch(question)
		if m == nil {
			return "", false
		}
		person.Asked = append(person.Asked, question)
		return ceremonytest.WordsAt(sum(print), m[1]), true
	}
	return &machine{Run: &Run{Room: r}, plan: s.plan, scene: now, site: site, transcript: log}, person
}

// TestHear takes a key of another site once its words were read aloud there; the screen
// shows none of them. It is asked again unless people have confirmed, from their paper,
// the head that comes after it.
func TestHear(t *testing.T) {
	m, person := hearing(t, func(print digest.SHA256) digest.SHA256 { return print })
	step := m.plan.Steps[0]
	for i, believed := range []int{0, 0, 99} {
		m.believed = believed
		if err := m.compareKey(t.Context(), step, "root-a", "geneva"); err != nil {
			t.Fatal(err)
		}
		if want := min(i+1, 2); len(person.Asked) != want {
			t.Errorf("asked %d times, want %d", len(person.Asked), want)
		}
	}
	words := digest.SHA256(m.scene.Ring.Keys["root-a"].Fingerprint).Words()
	said := strings.Fields(strings.Join(person.Said, " "))
	shown := 0
	for _, w := range words {
		if slices.Contains(said, w) {
			shown++
		}
	}
	if shown > 2 { // which are words of the language, too
		t.Errorf("%d words of the key were shown: %q", shown, person.Said)
	}
	confirmed := 0
	for e := range m.transcript.Events() {
		if d, ok := e.Data.(transcript.Confirmed); ok && d.Key == "root-a" && d.Site == "geneva" {
			confirmed++
		}
	}
	if confirmed != 2 {
		t.Errorf("confirmed %d times", confirmed)
	}
}

// TestHearAnother refuses a key of which the other site reads other words: somebody has
// put a key of his own onto the stick.
func TestHearAnother(t *testing.T) {
	m, person := hearing(t, func(digest.SHA256) digest.SHA256 { return digest.Of([]byte("the key that geneva made")) })
	err := m.compareKey(t.Context(), m.plan.Steps[0], "root-a", "geneva")
	ceremonytest.WantError(t, err, fault.Unverified, "the key root-a is not the one of geneva: ")
	if len(person.Asked) != 3 {
		t.Errorf("asked %d times", len(person.Asked))
	}
	for e := range m.transcript.Events() {
		if _, ok := e.Data.(transcript.Confirmed); ok {
			t.Error("the key is confirmed")
		}
	}
}

// TestClockBehind refuses to go on with a clock that is behind the last line: nothing is
// asked, and nothing is written.
func TestClockBehind(t *testing.T) {
	s := newStage(t)
	if _, err := s.attended(slicesRepeat(1)...); err == nil {
		t.Fatal("came to its end")
	}
	before := len(s.events())
	r := &Run{Room: s.room(&ceremonytest.Person{Answers: all(), Paper: s.paper}), Inspect: s.inspect}
	now := r.Now()
	r.Now = func() time.Time { return now.Add(-time.Hour) }
	ceremonytest.WantError(t, r.Ceremony(t.Context(), s.plan.Ceremony), fault.Refused, "transcript.jsonl was written at\nhint: set the clock by a watch that two people agree on")
	if after := len(s.events()); after != before {
		t.Errorf("got %d lines, want %d", after, before)
	}
}
