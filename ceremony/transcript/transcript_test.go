package transcript

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

const testCeremony = "ceremonies/2026-11-23-image-1"

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

func mustAppend(t *testing.T, transcript *Transcript, step int, data Data) {
	t.Helper()
	if err := transcript.Append(step, "crypto officer 1", data); err != nil {
		t.Fatal(err)
	}
}

func TestTranscript(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	if transcript.Head() != (digest.SHA256{}) {
		t.Errorf("head of nothing: got %s", transcript.Head())
	}
	mustAppend(t, transcript, 0, Started{})
	mustAppend(t, transcript, 1, Signing{Role: "root", Version: 1, Key: "root-a"})
	head := transcript.Head()
	if err := transcript.Close(); err != nil {
		t.Fatal(err)
	}

	transcript = openTranscript(t, ws) // as after a crash
	defer transcript.Close()
	if transcript.Head() != head {
		t.Errorf("head after opening again: got %s, want %s", transcript.Head(), head)
	}
	mustAppend(t, transcript, 1, Signed{Role: "root", Version: 1, Key: "root-a"})
	var seen []string
	for e := range transcript.Events() {
		seen = append(seen, fmt.Sprintf("%d %s %d %s", e.Seq, e.Time.Format(time.RFC3339), e.Step, e.Event))
	}
	want := "1 2026-11-23T08:00:01Z 0 started, 2 2026-11-23T08:00:03Z 1 signing, 3 2026-11-23T08:00:01Z 1 signed"
	if got := strings.Join(seen, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}

	events, err := Read(ws, testCeremony)
	if err != nil || len(events) != 3 {
		t.Fatalf("got %d events and %v", len(events), err)
	}
	if signing, ok := events[1].Data.(Signing); !ok || signing.Key != "root-a" {
		t.Errorf("got %+v", events[1].Data)
	}
}

// TestTranscriptHash computes the hash of a line as a witness would, with no
// more than SHA-256 and the text of the line.
func TestTranscriptHash(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	defer transcript.Close()
	mustAppend(t, transcript, 7, Note{Text: "<old> é"})
	data, err := ws.Read(testCeremony+"/"+File, 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"seq":1,"time":"2026-11-23T08:00:01Z","step":7,"actor":"crypto officer 1","event":"note",` +
		`"data":{"note":"","of":"","text":"<old> é"},"prev":"` + strings.Repeat("0", 64) + `"`
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
	mustAppend(t, transcript, 1, Signing{Role: "root", Version: 1, Key: "root-a"})
	mustAppend(t, transcript, 1, Signed{Role: "root", Version: 1, Key: "root-a"})
	transcript.Close()
	name := filepath.Join(dir, testCeremony, File)
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
		if torn, ok := last.Data.(Torn); !ok || last.Seq != 2 || torn.Bytes != cut-first {
			t.Errorf("cut at %d: got %+v", cut, last)
		}
		mustAppend(t, transcript, 1, Signing{Role: "root", Version: 1, Key: "root-a"})
		transcript.Close()
		if events, err := Read(ws, testCeremony); err != nil || len(events) != 3 {
			t.Errorf("cut at %d: got %d events and %v", cut, len(events), err)
		}
	}
}

func TestTranscriptStopsAfterAFailedWrite(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	mustAppend(t, transcript, 1, Signing{Role: "root", Version: 1, Key: "root-a"})
	transcript.file.Close()
	first := transcript.Append(1, "x", Note{})
	if first == nil {
		t.Fatal("written to a closed file")
	}
	if err := transcript.Append(1, "x", Note{}); err != first {
		t.Errorf("got %v, want the first failure again", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	defer transcript.Close()
	if err := transcript.Append(1, strings.Repeat("x", maxLine), Note{}); err == nil {
		t.Error("took a line that could not be read again")
	}
	if err := transcript.Append(1, "x", Note{Text: "\xff"}); err == nil {
		t.Error("took text that does not read back")
	}
	if data, err := ws.Read(testCeremony+"/"+File, 1000); err != nil || len(data) != 0 {
		t.Errorf("written in spite of the refusal: %q, %v", data, err)
	}
}

// No type of Data has a field that could hold a PIN: a byte slice, or an
// interface, which could hold one. A hash is an array.
func TestDataHoldsNoPIN(t *testing.T) {
	for _, d := range samples {
		if err := holdsNoPIN(reflect.TypeOf(d)); err != nil {
			t.Errorf("%T: %v", d, err)
		}
	}
	if len(types) != len(samples) {
		t.Errorf("got %d kinds for %d types", len(types), len(samples))
	}
	for _, bad := range []any{struct{ PIN []byte }{}, struct {
		A []map[string]*struct{ B []byte }
	}{}, struct{ A any }{}, struct{ A []error }{}} {
		if holdsNoPIN(reflect.TypeOf(bad)) == nil {
			t.Errorf("%T passes", bad)
		}
	}
}

func holdsNoPIN(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if err := holdsNoPIN(t.Field(i).Type); err != nil {
				return fmt.Errorf("%s: %w", t.Field(i).Name, err)
			}
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return fmt.Errorf("is %v", t)
		}
		return holdsNoPIN(t.Elem())
	case reflect.Pointer, reflect.Map:
		return holdsNoPIN(t.Elem())
	case reflect.Interface:
		return fmt.Errorf("is %v", t)
	}
	return nil
}

// sampleTranscript is the text of a transcript of three lines.
func sampleTranscript(t testing.TB) []string {
	t.Helper()
	var lines []string
	var prev digest.SHA256
	for i, data := range []Data{Note{Text: "b"}, Failed{Error: "b"}, Note{Text: "b"}} {
		e := Event{Seq: i + 1, Time: time.Unix(int64(i), 0), Event: data.kind(), Data: data, Prev: prev}
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
		{"changed text", strings.Replace(whole, `"text":"b"`, `"text":"c"`, 1), "t:1: line is not as keyrite writes it, or its hash is wrong"},
		{"changed time", strings.Replace(whole, "00:00:01Z", "00:00:00Z", 1), "t:2: line is not"},
		{"changed hash", strings.Replace(whole, `"hash":"`, `"hash":"0`, 1), "t:1: not an event"},
		{"no hash", l[0][:strings.Index(l[0], `,"hash"`)] + "}\n", "t:1: line is not"},
		{"white space", strings.Replace(whole, `"seq":1`, `"seq": 1`, 1), "t:1: line is not"},
		{"unknown field", strings.Replace(whole, `"seq":1`, `"seq":1,"x":1`, 1), "t:1: line is not"},
		{"field twice", strings.Replace(whole, `"seq":1`, `"seq":9,"seq":1`, 1), "t:1: line is not"},
		{"field in capitals", strings.Replace(whole, `"seq":1`, `"SEQ":1`, 1), "t:1: line is not"},
		{"unknown field in data", strings.Replace(whole, `"text":"b"`, `"text":"b","x":1`, 1), "t:1: line is not"},
		{"field missing in data", strings.Replace(whole, `{"note":"","of":"","text":"b"}`, `{}`, 1), "t:1: line is not"},
		{"data of another kind", strings.Replace(whole, `{"note":"","of":"","text":"b"}`, `{"error":"b"}`, 1), "t:1: line is not"},
		{"unknown kind", strings.Replace(whole, `"event":"note"`, `"event":"guess"`, 1), `t:1: not an event: event is "guess"`},
		{"data twice", strings.Replace(whole, `"data":{"note":"","of":"","text":"b"}`, `"data":{"note":"","of":"","text":"b"},"data":{"note":"","of":"","text":"b"}`, 1), "t:1: line is not"},
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
	forged := Event{Seq: 1, Event: "aborted", Data: Aborted{Because: "b"}}
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
