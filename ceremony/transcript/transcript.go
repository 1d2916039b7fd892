package transcript

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"os"
	"path"
	"reflect"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"golang.org/x/sys/unix"
)

// Transcript is the append-only record of one ceremony. Every line is on disk
// before Append returns, so that a crash cannot lose what a token was asked.
type Transcript struct {
	file   *os.File
	name   string
	now    func() time.Time
	events []Event
	broken error // of a write that failed
}

// Open opens the transcript in a ceremony's folder, or starts it, and
// verifies every line. It is locked until Close, so that no two processes run
// one ceremony. A last line that a crash cut short is removed, and an event of
// kind torn says so; any other damage is an error with code Unverified.
func Open(f *disk.Folder, dir string, now func() time.Time) (*Transcript, error) {
	name := path.Join(dir, TranscriptFile)
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
		return fault.Errorf(fault.Failed, "%s: another keyrite is running this ceremony", t.name)
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
		sum := sha256.Sum256(torn)
		return t.Append(0, "keyrite", EventTorn, tornLine{Bytes: len(torn), SHA256: hex.EncodeToString(sum[:])})
	}
	return nil
}

// tornLine is the data of EventTorn: the removed bytes, which held no result.
type tornLine struct {
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Read returns the events of a ceremony without taking part in it.
// A last line that is not complete is an error.
func Read(f *disk.Folder, dir string) ([]Event, error) {
	name := path.Join(dir, TranscriptFile)
	data, err := f.Read(name, maxTranscript)
	if err != nil {
		return nil, err
	}
	return Parse(name, data)
}

// Append adds an event and returns when it is on disk. data is a struct that
// holds no bytes of unknown origin: see checkPayload.
func (t *Transcript) Append(step int, actor string, kind Kind, data any) error {
	if t.broken != nil {
		return t.broken
	}
	e, line, err := t.next(step, actor, kind, data)
	if err != nil {
		return fault.Errorf(fault.Failed, "%s: %s of step %d: %w", t.name, kind, step, err)
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
	return nil
}

// next makes the event after the last one, and its line.
func (t *Transcript) next(step int, actor string, kind Kind, data any) (Event, []byte, error) {
	if err := checkPayload(reflect.TypeOf(data)); err != nil {
		return Event{}, nil, err
	}
	payload, err := strict.JSON(data)
	if err != nil {
		return Event{}, nil, err
	}
	e := Event{Seq: len(t.events) + 1, Time: t.now(), Step: step, Actor: actor, Event: kind, Data: payload, Prev: t.Head()}
	line, err := e.encode()
	if err != nil {
		return Event{}, nil, err
	}
	again, err := parseEvent(line)
	if err != nil {
		return Event{}, nil, err
	}
	return again, line, again.follows(e.Seq, e.Prev)
}

// Head is the hash of the last line: with it, a witness's paper fixes the whole
// transcript up to here.
func (t *Transcript) Head() string {
	if len(t.events) == 0 {
		return hashZero
	}
	return t.events[len(t.events)-1].Hash
}

// Events iterates over what happened so far, in order.
func (t *Transcript) Events() iter.Seq[Event] { return slices.Values(t.events) }

// Close ends writing and releases the lock.
func (t *Transcript) Close() error { return t.file.Close() }
