package run

import (
	"context"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
)

// How many words of the paper are asked for.
const (
	planWords = 4
	headWords = 2
)

// authenticate makes sure that plan and room are those on people's paper, and
// that the past of a ceremony is the one that the witness wrote down. Without
// people the command line says which hashes are meant.
func (m *machine) authenticate(ctx context.Context, log room.Log) error {
	if m.Yes {
		return m.authenticateByHash()
	}
	papers := []room.Paper{
		{What: "plan", Hash: m.sum, Words: planWords, Else: "plan.yaml was changed after it was printed, or this is another plan; see keyrite plan show " + m.plan.Ceremony},
		{What: "room", Hash: m.site.SHA256(), Words: planWords, Else: "site.yaml was changed after it was printed; keyrite plan show " + m.plan.Ceremony + " prints its words as they are now: compare site.yaml before you trust them"},
	}
	if m.kit != nil {
		papers = append(papers, room.Paper{What: "kit", Hash: m.kit.Sum, Words: planWords, Else: "the kit was changed since it was sealed, or this is another one; take the one out of the envelope"})
	}
	if m.transcript != nil {
		if head, shown := m.transcript.LastShown(); shown {
			papers = append(papers, room.Paper{What: "head", Hash: head, Words: headWords, Else: "the transcript was changed, or an older one was put in its place; compare it with the copies of the witnesses"})
		}
	}
	for _, p := range papers {
		if err := m.Compare(ctx, log, p); err != nil {
			return err
		}
	}
	m.believed = m.lastShown()
	return nil
}

// lastShown is the line whose hash the witness's paper has.
func (m *machine) lastShown() (line int) {
	if m.transcript == nil {
		return 0
	}
	head, _ := m.transcript.LastShown()
	for e := range m.transcript.Events() {
		if e.Hash == head {
			line = e.Seq
		}
	}
	return line
}

func (m *machine) authenticateByHash() error {
	for _, want := range []struct {
		flag, what string
		given, got digest.SHA256
	}{
		{"--plan-sha256", m.plan.Dir() + "/plan.yaml", m.PlanSHA256, m.sum},
		{"--room-sha256", "site.yaml", m.RoomSHA256, m.site.SHA256()},
	} {
		if want.given.IsZero() {
			return fault.Errorf(fault.Usage, "--yes needs %s, the SHA-256 of the %s that was reviewed", want.flag, want.what).
				Hint("keyrite plan prints it; pass it on from there, never from the file that lies here now")
		}
		if want.given != want.got {
			return fault.Errorf(fault.Unverified, "%s is not the one that was reviewed; got SHA-256 %s, want %s", want.what, want.got, want.given)
		}
	}
	return nil
}

// showHead shows the head of the transcript, for the witness's paper.
func (m *machine) showHead() error {
	head, err := m.transcript.Checkpoint()
	if err != nil {
		return err
	}
	sayHead(m.Room, head)
	return nil
}

// sayHead shows a head in words, for the witness's paper.
func sayHead(r room.Room, head digest.SHA256) {
	r.Prompter.Show(screen.Join(screen.Blank, screen.Plainly("%s %s, for the witness's paper:", headCaption, r.Now().UTC().Format("15:04 UTC")),
		r.Prompter.Terminal().Words(head)))
}

// headCaption stands above the words of a head.
const headCaption = "head of the transcript at"
