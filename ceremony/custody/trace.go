package custody

import (
	"context"
	"errors"
	"slices"

	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// log is the transcript of what is done with private keys outside of ceremonies:
// tokens set up, keys generated, adopted, backed up, restored, destroyed. It is opened with its first line, so that what was
// refused before leaves nothing behind.
type log struct {
	room.Room
	open *transcript.Transcript
}

// Trace does something with private keys in the sight of the transcript, and
// writes down when it fails.
func Trace(r room.Room, do func(room.Log) error) error {
	return trace(r, func(l *log) error { return do(l) })
}

func trace(r room.Room, do func(*log) error) error {
	l := &log{Room: r}
	err := do(l)
	if l.open == nil {
		return err
	}
	if err != nil {
		err = errors.Join(err, l.Append(0, transcript.ActorTool, transcript.FailedBy(err)))
	}
	return errors.Join(err, l.open.Close())
}

// Append is that of room.Log.
func (l *log) Append(step int, actor string, data transcript.Data) (err error) {
	if l.open == nil {
		site, err := l.Workspace.SiteName()
		if err != nil {
			return err
		}
		if l.open, err = transcript.Open(l.Workspace.Folder, transcript.CustodyOf(site), l.Now); err != nil {
			return err
		}
	}
	return l.open.Append(step, actor, data)
}

// events are the lines so far.
func (l *log) events() ([]transcript.Event, error) {
	if l.open != nil {
		return slices.Collect(l.open.Events()), nil
	}
	return transcript.ReadCustody(l.Workspace.Folder)
}

// ask is Consent for an act on a token that is named in the phrase.
func ask(ctx context.Context, r room.Room, l room.Log, what, phrase string) error {
	return r.Consent(ctx, l, room.Question{What: what, Phrase: phrase})
}
