package transcript

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

const testCeremony = "ceremonies/2026-11-23-image-1"

type samplePayload struct {
	Key    string   `json:"key"`
	Counts []string `json:"counts,omitempty"`
}

// clock is a clock that advances by a second and a half each time it is read.
func clock() func() time.Time {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	return func() time.Time {
		now = now.Add(1500 * time.Millisecond)
		return now
	}
}

func openTranscript(t *testing.T, folder *disk.Folder) *Transcript {
	t.Helper()
	transcript, err := Open(folder, testCeremony, clock())
	if err != nil {
		t.Fatal(err)
	}
	return transcript
}

func mustAppend(t *testing.T, transcript *Transcript, step int, kind Kind) {
	t.Helper()
	if err := transcript.Append(step, "crypto officer 1", kind, samplePayload{Key: "root-a", Counts: []string{"<old>", "é"}}); err != nil {
		t.Fatal(err)
	}
}

func TestTranscript(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	if transcript.Head() != hashZero {
		t.Errorf("head of nothing: got %s", transcript.Head())
	}
	mustAppend(t, transcript, 0, EventStarted)
	mustAppend(t, transcript, 1, EventIntent)
	head := transcript.Head()
	if err := transcript.Close(); err != nil {
		t.Fatal(err)
	}

	transcript = openTranscript(t, ws) // as after a crash
	defer transcript.Close()
	if transcript.Head() != head {
		t.Errorf("head after opening again: got %s, want %s", transcript.Head(), head)
	}
	mustAppend(t, transcript, 1, EventResult)
	var seen []string
	for e := range transcript.Events() {
		seen = append(seen, fmt.Sprintf("%d %s %d %s", e.Seq, e.Time.Format(time.RFC3339), e.Step, e.Event))
	}
	want := "1 2026-11-23T08:00:01Z 0 started, 2 2026-11-23T08:00:03Z 1 intent, 3 2026-11-23T08:00:01Z 1 result"
	if got := strings.Join(seen, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}

	events, err := Read(ws, testCeremony)
	if err != nil || len(events) != 3 {
		t.Fatalf("got %d events and %v", len(events), err)
	}
	var payload samplePayload
	if err := events[1].Decode(&payload); err != nil || payload.Key != "root-a" || payload.Counts[0] != "<old>" {
		t.Errorf("got %+v and %v", payload, err)
	}
	if err := events[1].Decode(new(struct{ Key string })); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("data of another shape: got %v", err)
	}
}

// TestTranscriptHash computes the hash of a line as a witness would, with no
// more than SHA-256 and the text of the line.
func TestTranscriptHash(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	defer transcript.Close()
	mustAppend(t, transcript, 7, EventNote)
	data, err := ws.Read(testCeremony+"/"+TranscriptFile, 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"seq":1,"time":"2026-11-23T08:00:01Z","step":7,"actor":"crypto officer 1","event":"note",` +
		`"data":{"key":"root-a","counts":["<old>","é"]},"prev":"` + hashZero + `"`
	sum := sha256.Sum256([]byte(want))
	if want += `,"hash":"` + hex.EncodeToString(sum[:]) + "\"}\n"; string(data) != want {
		t.Errorf("got %s\nwant %s", data, want)
	}
}

func TestTranscriptIsLocked(t *testing.T) {
	ws, _ := testFolder(t)
	first := openTranscript(t, ws)
	_, err := Open(ws, testCeremony, clock())
	if err == nil || !strings.Contains(err.Error(), "another keyrite is running this ceremony") {
		t.Errorf("got %v", err)
	}
	first.Close()
	openTranscript(t, ws).Close()
}

func TestTranscriptAfterACrash(t *testing.T) {
	ws, dir := testFolder(t)
	transcript := openTranscript(t, ws)
	mustAppend(t, transcript, 1, EventIntent)
	mustAppend(t, transcript, 1, EventResult)
	transcript.Close()
	name := filepath.Join(dir, testCeremony, TranscriptFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	for cut := first + 1; cut < len(whole); cut += 17 {
		if err := os.WriteFile(name, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(ws, testCeremony); fault.CodeOf(err) != fault.Unverified {
			t.Errorf("cut at %d: a reader got %v", cut, err)
		}
		transcript := openTranscript(t, ws)
		var last Event
		for e := range transcript.Events() {
			last = e
		}
		var torn tornLine
		if err := last.Decode(&torn); err != nil || last.Seq != 2 || last.Event != EventTorn || torn.Bytes != cut-first {
			t.Errorf("cut at %d: got %+v, %+v and %v", cut, last, torn, err)
		}
		mustAppend(t, transcript, 1, EventIntent)
		transcript.Close()
		if events, err := Read(ws, testCeremony); err != nil || len(events) != 3 {
			t.Errorf("cut at %d: got %d events and %v", cut, len(events), err)
		}
	}
}

func TestTranscriptStopsAfterAFailedWrite(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	mustAppend(t, transcript, 1, EventIntent)
	transcript.file.Close()
	first := transcript.Append(1, "x", EventResult, samplePayload{})
	if first == nil {
		t.Fatal("written to a closed file")
	}
	if err := transcript.Append(1, "x", EventResult, samplePayload{}); err != first {
		t.Errorf("got %v, want the first failure again", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	defer transcript.Close()
	pin := []byte("123456")
	for name, data := range map[string]any{
		"bytes":            pin,
		"nothing":          nil,
		"text":             "x",
		"bytes in a field": struct{ PIN []byte }{pin},
		"bytes far below": struct {
			A []map[string]*struct{ B []byte }
		}{},
		"JSON":            struct{ A json.RawMessage }{pin},
		"anything":        struct{ A any }{pin},
		"anything listed": struct{ A []any }{[]any{pin}},
		"an error":        struct{ A error }{},
	} {
		if err := transcript.Append(1, "x", EventNote, data); err == nil || strings.Contains(err.Error(), string(pin)) {
			t.Errorf("%s: got %v, want a refusal that does not tell the PIN", name, err)
		}
	}
	if err := transcript.Append(1, "x", "guess", samplePayload{}); err == nil {
		t.Error("took an event of an unknown kind")
	}
	if err := transcript.Append(1, strings.Repeat("x", maxTranscriptLine), EventNote, samplePayload{}); err == nil {
		t.Error("took a line that could not be read again")
	}
	if data, err := ws.Read(testCeremony+"/"+TranscriptFile, 1000); err != nil || len(data) != 0 {
		t.Errorf("written in spite of the refusal: %q, %v", data, err)
	}
}

// sampleTranscript is the text of a transcript of three lines.
func sampleTranscript(t testing.TB) []string {
	t.Helper()
	var lines []string
	prev := hashZero
	for i, kind := range []Kind{EventStarted, EventIntent, EventResult} {
		e := Event{Seq: i + 1, Time: time.Unix(int64(i), 0), Event: kind, Data: json.RawMessage(`{"a":"b"}`), Prev: prev}
		line, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		lines, prev = append(lines, string(line)+"\n"), e.Hash
	}
	return lines
}

func TestParseTranscriptRefuses(t *testing.T) {
	l := sampleTranscript(t)
	whole := strings.Join(l, "")
	if events, err := Parse("t", []byte(whole)); err != nil || len(events) != 3 {
		t.Fatalf("got %v and %v", events, err)
	}
	for _, test := range []struct{ name, data, want string }{
		{"first line gone", l[1] + l[2], "t:1: seq is 2, want 1"},
		{"line in the middle gone", l[0] + l[2], "t:2: seq is 3, want 2"},
		{"line twice", l[0] + l[1] + l[1], "t:3: seq is 2, want 3"},
		{"order", l[1] + l[0], "t:1: seq is 2"},
		{"changed text", strings.Replace(whole, `"a":"b"`, `"a":"c"`, 1), "t:1: line is not as keyrite writes it, or its hash is wrong"},
		{"changed time", strings.Replace(whole, "00:00:01Z", "00:00:00Z", 1), "t:2: line is not"},
		{"changed hash", strings.Replace(whole, `"hash":"`, `"hash":"0`, 1), "t:1: line is not"},
		{"no hash", l[0][:strings.Index(l[0], `,"hash"`)] + "}\n", "t:1: line is not"},
		{"white space", strings.Replace(whole, `"seq":1`, `"seq": 1`, 1), "t:1: line is not"},
		{"unknown field", strings.Replace(whole, `"seq":1`, `"seq":1,"x":1`, 1), "t:1: line is not"},
		{"field twice", strings.Replace(whole, `"seq":1`, `"seq":9,"seq":1`, 1), "t:1: line is not"},
		{"field in capitals", strings.Replace(whole, `"seq":1`, `"SEQ":1`, 1), "t:1: line is not"},
		{"empty line", l[0] + "\n" + l[1], "t:2: not an event"},
		{"no JSON", "x\n", "t:1: not an event"},
		{"cut", whole[:len(whole)-1], "t:3: the line is cut short"},
		{"more after the event", strings.Replace(whole, "}\n", "} {}\n", 1), "t:1: not an event"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("t", []byte(test.data))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || fault.CodeOf(err) != fault.Unverified {
				t.Errorf("got %v with code %d, want %q", err, fault.CodeOf(err), test.want)
			}
		})
	}
}

// A line whose own hash is right, but that follows another line than it says.
func TestParseTranscriptRefusesAnotherPast(t *testing.T) {
	lines := sampleTranscript(t)
	forged := Event{Seq: 1, Event: EventAborted, Data: json.RawMessage(`{}`), Prev: hashZero}
	line, err := forged.encode()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("t", []byte(string(line)+"\n"+lines[1]))
	if err == nil || !strings.HasPrefix(err.Error(), "t:2: prev is ") {
		t.Errorf("got %v", err)
	}
}

func FuzzTranscript(f *testing.F) {
	f.Add([]byte(strings.Join(sampleTranscript(f), "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		events, err := Parse("t", data)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range events {
			line, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			again = append(append(again, line...), '\n')
		}
		if !bytes.Equal(again, data) {
			t.Errorf("got %s\nwant %s", again, data)
		}
	})
}
