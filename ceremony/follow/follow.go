package follow

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// every is how often the transcript is looked at.
const every = 500 * time.Millisecond

// View shows what is there, each time that something has come: all lines so far, the
// last n of them new.
type View func(events []transcript.Event, n int)

// Transcript follows the transcript of that name until its ceremony ends, or ctx does.
// One that nobody has begun yet is waited for. That a line which was there is another
// one now, or none, is an error with code Unverified: a transcript only grows.
func Transcript(ctx context.Context, files transcript.Files, name string, show View) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	f := follower{files: files, name: name}
	for first := true; ; first = false {
		events, grown, err := f.look()
		if err != nil {
			return err
		}
		if first || grown > 0 {
			show(events, grown)
		}
		if n := len(events); n > 0 {
			if _, _, ended := events[n-1].Ended(); ended {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// follower remembers what it has seen, and nothing but memory can take that away.
type follower struct {
	files transcript.Files
	name  string
	seen  int           // lines
	head  digest.SHA256 // hash of the last of them
}

// look reads the transcript and compares it with what was seen before.
func (f *follower) look() (events []transcript.Event, grown int, err error) {
	events, err = transcript.ReadSoFar(f.files, record.Dir(f.name))
	if errors.Is(err, fs.ErrNotExist) && f.seen == 0 {
		return nil, 0, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, f.changed("it is gone")
	}
	if err != nil {
		return nil, 0, err
	}
	if len(events) < f.seen {
		return nil, 0, f.changed("lines are gone from its end")
	}
	if f.seen > 0 && events[f.seen-1].Hash != f.head {
		return nil, 0, f.changed("another one was put in its place")
	}
	grown = len(events) - f.seen
	if f.seen = len(events); f.seen > 0 {
		f.head = events[f.seen-1].Hash
	}
	return events, grown, nil
}

func (f *follower) changed(how string) error {
	return fault.Errorf(fault.Unverified, "%s/%s: %s, after line %d with head %s was seen here", record.Dir(f.name), transcript.File, how, f.seen, f.head).
		Hint("stop the ceremony; write down these words with the time: %s", f.head.WordText())
}
