package transcript

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

// Kind is what a line of the transcript reports.
type Kind string

const (
	EventStarted  Kind = "started"  // a run of the ceremony began, with plan, machine and people
	EventIntent   Kind = "intent"   // a step that cannot be undone is about to happen
	EventResult   Kind = "result"   // the step is done
	EventFailed   Kind = "failed"   // the step, or the run, failed
	EventPrompt   Kind = "prompt"   // what people were asked
	EventAnswer   Kind = "answer"   // what they answered; never a PIN
	EventNote     Kind = "note"     // what else belongs into the record
	EventTorn     Kind = "torn"     // a line that a crash had cut short was removed
	EventFinished Kind = "finished" // the ceremony is complete
	EventAborted  Kind = "aborted"  // the ceremony was closed before its end
)

var kinds = []Kind{EventStarted, EventIntent, EventResult, EventFailed, EventPrompt, EventAnswer, EventNote, EventTorn, EventFinished, EventAborted}

// Event is one line of a transcript. Its hash covers all bytes of the line
// before `,"hash"`, and these hold the hash of the line before: whoever knows
// the last hash can tell that no line was changed, removed or added.
type Event struct {
	Seq   int             `json:"seq"`  // 1, 2, 3, …
	Time  time.Time       `json:"time"` // UTC, whole seconds
	Step  int             `json:"step"` // number of the plan's step, 0 outside of steps
	Actor string          `json:"actor"`
	Event Kind            `json:"event"`
	Data  json.RawMessage `json:"data"` // an object of a shape that the kind and step define
	Prev  string          `json:"prev"` // hash of the line before, zeros in the first line
	Hash  string          `json:"hash,omitempty"`
}

// Decode reads Data into a struct of the shape it was appended with, and
// refuses any other shape.
func (e Event) Decode(into any) error {
	if err := json.Unmarshal(e.Data, into); err != nil {
		return fault.Errorf(fault.Unverified, "%s:%d: data: %w", TranscriptFile, e.Seq, err)
	}
	again, err := strict.JSON(into)
	if err != nil {
		return fault.Errorf(fault.Unverified, "%s:%d: data: %w", TranscriptFile, e.Seq, err)
	}
	if !bytes.Equal(again, e.Data) {
		return fault.Errorf(fault.Unverified, "%s:%d: data of %s is not of the shape that this step has", TranscriptFile, e.Seq, e.Event)
	}
	return nil
}

const (
	TranscriptFile    = "transcript.jsonl"
	maxTranscript     = 64 << 20 // bytes
	maxTranscriptLine = 1 << 20  // bytes
)

var hashZero = hex.EncodeToString(make([]byte, sha256.Size))

// Parse reads the lines of a transcript and verifies their order and
// their hashes. It accepts only the exact bytes that Append writes.
func Parse(file string, data []byte) ([]Event, error) {
	var events []Event
	prev := hashZero
	for len(data) > 0 {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		number := len(events) + 1
		if !whole {
			return nil, fault.Errorf(fault.Unverified, "%s:%d: the line is cut short", file, number)
		}
		event, err := parseEvent(line)
		if err == nil {
			err = event.follows(number, prev)
		}
		if err != nil {
			return nil, fault.Errorf(fault.Unverified, "%s:%d: %w", file, number, err).
				Hint("the transcript was changed; compare it with the copies and the hashes that the witnesses hold")
		}
		events = append(events, event)
		prev, data = event.Hash, rest
	}
	return events, nil
}

func parseEvent(line []byte) (Event, error) {
	var e Event
	if len(line) > maxTranscriptLine {
		return e, fmt.Errorf("line is %d bytes, want at most %d", len(line), maxTranscriptLine)
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, fmt.Errorf("not an event: %w", err)
	}
	// One spelling: no unknown or repeated fields, no white space, no escapes
	// that another reader might take differently.
	again, err := e.encode()
	if err != nil {
		return e, err
	}
	if !bytes.Equal(again, line) {
		return e, errors.New("line is not as keyrite writes it, or its hash is wrong")
	}
	return e, nil
}

// follows checks that an event continues those before it.
func (e *Event) follows(number int, prev string) error {
	switch {
	case e.Seq != number:
		return fmt.Errorf("seq is %d, want %d", e.Seq, number)
	case e.Prev != prev:
		return fmt.Errorf("prev is %s, want the hash of the line before, %s", e.Prev, prev)
	case !slices.Contains(kinds, e.Event):
		return fmt.Errorf("event is %q, want one of %q", e.Event, kinds)
	}
	return nil
}

// encode writes the line and, into e, its hash.
func (e *Event) encode() ([]byte, error) {
	e.Time = e.Time.UTC().Truncate(time.Second)
	e.Hash = ""
	body, err := strict.JSON(e)
	if err != nil {
		return nil, err
	}
	body = body[:len(body)-1] // without the closing brace
	sum := sha256.Sum256(body)
	e.Hash = hex.EncodeToString(sum[:])
	return fmt.Appendf(body, `,"hash":%q}`, e.Hash), nil
}
