package transcript

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/digest"
)

func TestEnd(t *testing.T) {
	for _, length := range []int{0, 1, tail / 40, tail, 100 * tail} {
		ws, dir := testFolder(t)
		transcript := openTranscript(t, ws)
		mustAppend(t, transcript, 0, Started{})
		mustAppend(t, transcript, 0, Aborted{Repository: "image", Because: strings.Repeat("x", length), Signed: []Mark{{Role: "root", Version: 2}}})
		transcript.Close()
		e, err := End(ws, testCeremony)
		if err != nil || e == nil || e.Seq != 2 {
			t.Fatalf("%d: got %v and %v", length, e, err)
		}
		if repository, marks, ok := e.Ended(); repository != "image" || len(marks) != 1 || !ok {
			t.Errorf("got %q, %v, %v", repository, marks, ok)
		}
		name := filepath.Join(dir, testCeremony, File)
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data[:len(data)-1], 0o644); err != nil {
			t.Fatal(err)
		}
		if e, err := End(ws, testCeremony); e != nil || err != nil {
			t.Errorf("a torn line: got %v and %v", e, err)
		}
	}
}

func TestEndOfNothing(t *testing.T) {
	ws, dir := testFolder(t)
	if _, err := End(ws, testCeremony); err == nil {
		t.Error("no file: got no error")
	}
	transcript := openTranscript(t, ws)
	defer transcript.Close()
	if e, err := End(ws, testCeremony); e != nil || err != nil {
		t.Errorf("no line: got %v and %v", e, err)
	}
	mustAppend(t, transcript, 0, Started{})
	e, err := End(ws, testCeremony)
	if err != nil || e == nil {
		t.Fatalf("got %v and %v", e, err)
	}
	if _, _, ok := e.Ended(); ok {
		t.Error("a start is taken for an end")
	}
	for _, line := range []string{"", strings.Repeat("x", 8*maxLine)} { // no line of keyrite's
		if err := os.WriteFile(filepath.Join(dir, testCeremony, File), []byte(line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if e, err := End(ws, testCeremony); e != nil || err != nil {
			t.Errorf("a last line of %d bytes: got %v and %v", len(line), e, err)
		}
	}
}

func TestEndRefusesAChangedLine(t *testing.T) {
	ws, dir := testFolder(t)
	transcript := openTranscript(t, ws)
	mustAppend(t, transcript, 0, Finished{Repository: "image"})
	transcript.Close()
	name := filepath.Join(dir, testCeremony, File)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), "image", "other", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := End(ws, testCeremony); err == nil {
		t.Error("got no error")
	}
	if _, err := Open(ws, testCeremony, clock()); err == nil {
		t.Error("it was opened, to be written on")
	}
}

func TestMarks(t *testing.T) {
	one, two := digest.Of([]byte("1")), digest.Of([]byte("2"))
	events := []Event{
		{Data: Signing{Role: "root", Version: 2, SHA256: one}},
		{Data: Signing{Role: "root", Version: 2, SHA256: two}},
		{Data: Signed{Role: "root", Version: 2, SHA256: two, Fingerprint: one, Record: 3}},
		{Data: Signed{Role: "root", Version: 2, SHA256: two, Fingerprint: one, Record: 4}}, // again, after a crash
		{Data: Written{Role: "root", Version: 2}},
		{Data: Signing{Role: "targets", Version: 7, SHA256: one}},
		{Data: Signing{Role: "root", Version: 3, SHA256: one}},
		{Data: Sealed{Kit: "spare", Version: 3, SHA256: one}},
		{Data: Note{}},
	}
	want := []Mark{{Role: "root", Version: 2, SHA256: two, Placed: true, By: []MarkedKey{{Key: one, Record: 4}}}, {Role: "targets", Version: 7, SHA256: one}, {Role: "root", Version: 3, SHA256: one, Kit: "spare"}}
	if got := Marks(events); !reflect.DeepEqual(got, want) {
		t.Errorf("got %s, want %s", fmt.Sprint(got), fmt.Sprint(want))
	}
}

func TestCheckpoint(t *testing.T) {
	ws, _ := testFolder(t)
	transcript := openTranscript(t, ws)
	if _, shown := transcript.LastShown(); shown {
		t.Error("nothing was shown yet")
	}
	mustAppend(t, transcript, 0, Started{})
	head, err := transcript.Checkpoint()
	if err != nil || head != transcript.Head() {
		t.Fatalf("got %s and %v, want %s", head, err, transcript.Head())
	}
	mustAppend(t, transcript, 1, Note{})
	transcript.Close()
	transcript = openTranscript(t, ws)
	defer transcript.Close()
	if got, shown := transcript.LastShown(); got != head || !shown {
		t.Errorf("got %s, want %s", got, head)
	}
}
