package transcript

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"golang.org/x/sys/unix"
)

// Transcript is the append-only record of one ceremony. Every line is on disk
// before Append returns, so that a crash cannot lose what a token was asked.
//
// It is evidence and never authority: who reads it back believes of it only what
// tokens, signatures and people confirm.
type Transcript struct {
	file   *os.File
	name   string
	now    func() time.Time
	events []Event
	broken error // of a write that failed

	// Told, if it is set, hears of each event once it is on disk.
	Told func(Event)
}

// Open opens the transcript in a ceremony's folder, or starts it, and
// verifies every line. It is locked until Close, so that no two processes run
// one ceremony. A last line that a crash cut short is removed, and an event of
// kind torn says so; any other damage is an error with code Unverified.
func Open(f *disk.Folder, dir string, now func() time.Time) (*Transcript, error) {
	name := path.Join(dir, File)
	file, err := f.OpenAppend(name)
	if err != nil {
		return nil, err
	}
	t := &Transcript{file: file, name: name, now: now}
	if err := t.resume(); err != nil {
		file.Close()
		return nil, err
	}
	return t, nil
}

func (t *Transcript) resume() error {
	if err := unix.Flock(int(t.file.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return fault.Errorf(fault.Failed, "%s: another keyrite is running this ceremony", t.name).Called(fault.WordLocked)
	} else if err != nil {
		return disk.PathError(t.name, err)
	}
	data, err := disk.ReadAll(t.name, t.file, maxTranscript)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	if t.events, err = Parse(t.name, data[:whole]); err != nil {
		return err
	}
	if torn := data[whole:]; len(torn) > 0 {
		if err := t.file.Truncate(int64(whole)); err != nil {
			return disk.PathError(t.name, err)
		}
		return t.Append(0, ActorTool, Torn{Bytes: len(torn), SHA256: digest.Of(torn)})
	}
	return nil
}

// Files is where transcripts are read from: a folder, or a bundle.
type Files interface {
	Read(name string, limit int64) ([]byte, error)
}

// Read returns the events of a ceremony without taking part in it.
// A last line that is not complete is an error.
func Read(f Files, dir string) ([]Event, error) {
	name := path.Join(dir, File)
	data, err := f.Read(name, maxTranscript)
	if err != nil {
		return nil, err
	}
	return Parse(name, data)
}

// CustodyDir holds, in a folder for each site, the transcript of what is done with
// private keys outside of ceremonies. It is chained and durable as a ceremony's is.
const CustodyDir = "custody"

// ReadSoFar is Read for a transcript that may be written right now, or that a crash cut
// short: what is not a whole line yet is left out.
func ReadSoFar(f Files, dir string) ([]Event, error) {
	name := path.Join(dir, File)
	data, err := f.Read(name, maxTranscript)
	if err != nil {
		return nil, err
	}
	return Parse(name, data[:bytes.LastIndexByte(data, '\n')+1])
}

// CustodyOf is the folder of a site's transcript of custody.
func CustodyOf(site string) string { return path.Join(CustodyDir, site) }

// Folders are where transcripts of many sites are read from.
type Folders interface {
	Files
	List(dir string) ([]string, error)
}

// ReadCustody returns what was done with private keys outside of ceremonies, at every
// site that is here, in the order of time. A last line that a crash cut short is left
// out; whoever appends next removes it.
func ReadCustody(f Folders) ([]Event, error) {
	sites, err := f.List(CustodyDir)
	if err != nil {
		return nil, err
	}
	var all []Event
	for _, site := range sites {
		events, err := ReadSoFar(f, CustodyOf(site))
		if errors.Is(err, fs.ErrNotExist) {
			continue // what was replaced lies there too
		}
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.Time.Compare(b.Time) })
	return all, nil
}

// Append adds an event and returns when it is on disk.
func (t *Transcript) Append(step int, actor string, data Data) error {
	if t.broken != nil {
		return t.broken
	}
	e, line, err := t.next(step, actor, data)
	if err != nil {
		return fault.Errorf(fault.Failed, "%s: %s of step %d: %w", t.name, data.kind(), step, err)
	}
	_, err = t.file.Write(append(line, '\n'))
	if err == nil {
		err = t.file.Sync()
	}
	if err != nil { // half a line may be there, and nothing may come after it
		t.broken = disk.PathError(t.name, err)
		return t.broken
	}
	t.events = append(t.events, e)
	if t.Told != nil {
		t.Told(e)
	}
	return nil
}

// next makes the event after the last one, and its line.
func (t *Transcript) next(step int, actor string, data Data) (Event, []byte, error) {
	e := Event{Seq: len(t.events) + 1, Time: t.now(), Step: step, Actor: actor, Event: data.kind(), Data: data, Prev: t.Head()}
	line, err := e.encode()
	if err != nil {
		return Event{}, nil, err
	}
	again, err := parseEvent(line) // never write what cannot be read
	return again, line, err
}

// Head is the hash of the last line: with it, a witness's paper fixes the whole
// transcript up to here.
func (t *Transcript) Head() digest.SHA256 {
	if len(t.events) == 0 {
		return digest.SHA256{}
	}
	return t.events[len(t.events)-1].Hash
}

// Checkpoint appends a line whose hash is for the witness's paper, and returns
// that hash.
func (t *Transcript) Checkpoint() (digest.SHA256, error) {
	if err := t.Append(0, ActorTool, Checkpoint{}); err != nil {
		return digest.SHA256{}, err
	}
	return t.Head(), nil
}

// LastShown is the hash that the witness's paper holds, if any was shown.
func (t *Transcript) LastShown() (digest.SHA256, bool) {
	for _, e := range slices.Backward(t.events) {
		if e.Shown() {
			return e.Hash, true
		}
	}
	return digest.SHA256{}, false
}

// Begun says whether there is a line at all.
func (t *Transcript) Begun() bool { return len(t.events) > 0 }

// Events iterates over what happened so far, in order.
func (t *Transcript) Events() iter.Seq[Event] { return slices.Values(t.events) }

// Last is the newest data of a type in a step.
func Last[T Data](t *Transcript, step int) (T, bool) {
	for _, e := range slices.Backward(t.events) {
		if data, ok := e.Data.(T); ok && e.Step == step {
			return data, true
		}
	}
	var none T
	return none, false
}

// Close ends writing and releases the lock.
func (t *Transcript) Close() error { return t.file.Close() }
