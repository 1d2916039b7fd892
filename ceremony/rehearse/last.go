package rehearse

import (
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// last is how far a rehearsal came.
type last struct {
	event transcript.Event
	head  digest.SHA256 // that was shown last; of the last line where none was
	asked bool          // people were there
}

func (w *World) last(ceremony string) (l last, err error) {
	events, err := transcript.Read(w.Folder, ceremonies.SiteDir(ceremony, w.site))
	for _, e := range events {
		l.event = e
		if e.Shown() {
			l.head = e.Hash
		}
		if _, seated := e.Data.(transcript.Arrived); seated {
			l.asked = true
		}
	}
	if l.head.IsZero() {
		l.head = l.event.Hash
	}
	return l, err
}

func (l last) ended() bool {
	_, _, ended := l.event.Ended()
	return ended
}

// state is how the rehearsal ended.
func (l last) state() string {
	if l.ended() {
		return string(l.event.Event)
	}
	return "not finished"
}
