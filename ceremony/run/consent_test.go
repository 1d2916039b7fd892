package run

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestConsent asks a person, or takes what site.yaml says of the token for exactly
// these roles. Either way it stands in the transcript.
func TestConsent(t *testing.T) {
	s := newStage(t)
	site, err := ceremonytest.Open(t, s.dir).Site()
	if err != nil {
		t.Fatal(err)
	}
	token := site.Tokens["all"]
	token.Unattended = []string{"timestamp", "snapshot"}
	site.Tokens["all"] = token
	for i, tt := range []struct {
		yes    bool
		roles  []string
		answer string
		want   error // nil: there is consent
	}{
		{false, []string{"root"}, ceremonytest.AsAsked, nil},
		{false, []string{"root"}, "no", prompt.ErrDeclined},
		{false, []string{"timestamp"}, "no", prompt.ErrDeclined},
		{false, nil, "no", prompt.ErrDeclined},
		{true, []string{"timestamp"}, "no", nil},
		{true, []string{"snapshot", "timestamp"}, "no", nil},
		{true, []string{"root"}, ceremonytest.AsAsked, errRefused},
		{true, []string{"timestamp", "root"}, ceremonytest.AsAsked, errRefused},
	} {
		person := &ceremonytest.Person{Answers: []string{tt.answer}}
		m := &machine{Run: &Run{Room: s.room(person), Yes: tt.yes}, plan: s.plan, site: site}
		if m.transcript, err = transcript.Open(m.Workspace.Folder, fmt.Sprintf("log/%d", i), m.Now); err != nil {
			t.Fatal(err)
		}
		err := m.consent(t.Context(), room.Question{Phrase: "yes"}, "root-a", tt.roles)
		if tt.want == errRefused {
			ceremonytest.WantError(t, err, fault.Refused, "--yes: token all may not sign root unattended")
		} else if !errors.Is(err, tt.want) {
			t.Errorf("%+v: got %v", tt, err)
		}
		if asked := len(person.Asked) != 0; asked == tt.yes {
			t.Errorf("%+v: asked %q", tt, person.Asked)
		}
		_, unattended := transcript.Last[transcript.Unattended](m.transcript, 0)
		if unattended != (tt.yes && err == nil) {
			t.Errorf("%+v: the transcript has a consent of --yes: %v", tt, unattended)
		}
		m.transcript.Close()
	}
}

var errRefused = errors.New("refused")

// TestAborted runs nothing of a ceremony that was closed, and closes it once.
func TestAborted(t *testing.T) {
	s := newStage(t)
	if _, err := s.attended(slicesRepeat(1)...); err == nil {
		t.Fatal("came to its end")
	}
	var shown bytes.Buffer
	if err := abort(s.room(prompt.Nobody(&shown)), s.plan.Ceremony, "the officer is ill", false); err != nil {
		t.Fatal(err)
	}
	// The paper fixes the last line, too: nobody can say later that it ended otherwise.
	events := s.events()
	if head, whole := ceremonytest.GridIn(shown.String()); !whole || head != events[len(events)-1].Hash {
		t.Errorf("got %s", shown.String())
	}
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Failed, s.plan.Ceremony+" was aborted: the officer is ill")
	ceremonytest.WantError(t, abort(s.room(prompt.Nobody(io.Discard)), s.plan.Ceremony, "again", false), fault.Failed, s.plan.Ceremony+" has ended already (aborted on ")
}
