package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

// Event is one line of a transcript. Its hash covers all bytes of the line
// before `,"hash"`, and these hold the hash of the line before: whoever knows
// the last hash can tell that no line was changed, removed or added.
type Event struct {
	Seq   int           `json:"seq"`  // 1, 2, 3, …
	Time  time.Time     `json:"time"` // UTC, whole seconds
	Step  int           `json:"step"` // number of the plan's step, 0 outside of steps
	Actor string        `json:"actor"`
	Event Kind          `json:"event"`
	Data  Data          `json:"data"`
	Prev  digest.SHA256 `json:"prev"` // hash of the line before, zeros in the first line
	Hash  digest.SHA256 `json:"hash,omitzero"`
}

// Who acts, in the transcript.
const (
	ActorTool   = "keyrite"
	ActorPerson = "operator"
)

const (
	// File is the name of a transcript in its folder.
	File = "transcript.jsonl"

	maxTranscript = 256 << 20 // bytes
	maxLine       = 4 << 20   // bytes
)

// Parse reads the lines of a transcript and verifies their order and
// their hashes. It accepts only the exact bytes that Append writes.
func Parse(file string, data []byte) ([]Event, error) {
	if err := strict.LineEnds(file, data); err != nil {
		return nil, err
	}
	var events []Event
	var prev digest.SHA256
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
			return nil, changed(fmt.Sprintf("%s:%d", file, number), err)
		}
		events = append(events, event)
		prev, data = event.Hash, rest
	}
	return events, nil
}

func changed(where string, err error) error {
	return fault.Errorf(fault.Unverified, "%s: %w", where, err).
		Hint("the transcript was changed; compare it with the copies and the hashes that the witnesses hold")
}

func parseEvent(line []byte) (Event, error) {
	var e Event
	if len(line) > maxLine {
		return e, fmt.Errorf("line is %d bytes, want at most %d", len(line), maxLine)
	}
	if err := e.UnmarshalJSON(line); err != nil {
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

// UnmarshalJSON reads a line; which type its data has, its kind says.
func (e *Event) UnmarshalJSON(line []byte) error {
	type plain Event
	raw := struct {
		*plain
		Data json.RawMessage `json:"data"`
	}{plain: (*plain)(e)}
	if err := json.Unmarshal(line, &raw); err != nil {
		return err
	}
	data, err := decodeData(e.Event, raw.Data)
	e.Data = data
	return err
}

// follows checks that an event continues those before it.
func (e *Event) follows(number int, prev digest.SHA256) error {
	switch {
	case e.Seq != number:
		return fmt.Errorf("seq is %d, want %d", e.Seq, number)
	case e.Prev != prev:
		return fmt.Errorf("prev is %s, want the hash of the line before, %s", e.Prev, prev)
	}
	return nil
}

// encode writes the line and, into e, its hash.
func (e *Event) encode() ([]byte, error) {
	e.Time = e.Time.UTC().Truncate(time.Second)
	e.Hash = digest.SHA256{}
	body, err := strict.JSON(e)
	if err != nil {
		return nil, err
	}
	body = body[:len(body)-1] // without the closing brace
	e.Hash = digest.Of(body)
	return fmt.Appendf(body, `,"hash":%q}`, e.Hash.String()), nil
}
