package transcript

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

// TestNoRepairThroughALink gives a signed file the name of a transcript. It has no
// line break at its end, as metadata has none, and is not cut for it.
func TestNoRepairThroughALink(t *testing.T) {
	for how, link := range map[string]func(old, new string) error{
		"hard links":    os.Link,
		"symbolic link": func(_, new string) error { return os.Symlink("../../1.root.json", new) },
	} {
		ws, dir := testFolder(t)
		if err := ws.Create("1.root.json", []byte(`{"signed":{}}`)); err != nil {
			t.Fatal(err)
		}
		if err := ws.MakeDir(testCeremony); err != nil {
			t.Fatal(err)
		}
		if err := link(filepath.Join(dir, "1.root.json"), filepath.Join(dir, testCeremony, File)); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ws, testCeremony, clock()); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), how) {
			t.Errorf("%s: got %v", how, err)
		}
		if got, err := ws.Read("1.root.json", 100); err != nil || string(got) != `{"signed":{}}` {
			t.Errorf("%s: it became %q, %v", how, got, err)
		}
	}
}

// TestAppendIsDurable writes to a pipe, which takes every line and cannot be
// synced: what is not on the disk did not happen.
func TestAppendIsDurable(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	transcript := &Transcript{file: w, name: "transcript.jsonl", now: clock()}
	defer transcript.Close()
	for range 2 { // nothing comes after it either
		err := transcript.Append(1, "keyrite", Note{Text: "x"})
		if err == nil || !strings.Contains(err.Error(), syscall.EINVAL.Error()) {
			t.Errorf("got %v, want an error", err)
		}
	}
	for range transcript.Events() {
		t.Error("the event counts all the same")
	}
}
