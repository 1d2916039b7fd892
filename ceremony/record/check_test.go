package record

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
)

// TestCheck changes single bytes of everything that a transcript states, and
// demands that the file is named.
func TestCheck(t *testing.T) {
	h := hold(t)
	names, err := Transcripts(h.ws)
	if err != nil || len(names) != 1 || names[0] != h.name {
		t.Fatalf("got %v, %v", names, err)
	}
	chain, err := Check(h.ws, h.name)
	if err != nil {
		t.Fatal(err)
	}
	if chain.State != "finished" || chain.ShownLine != chain.Lines || chain.Files < 12 {
		t.Errorf("got %+v", chain)
	}
	wantDeviations(t, h)
	data, err := record(t, h).HTML()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ws.Create("ceremonies/"+h.name+"/record.html", data); err != nil {
		t.Fatal(err)
	}
	if with, err := Verify(h.ws, h.name); err != nil || with.Files != chain.Files+1 {
		t.Errorf("got %+v, %v", with, err)
	}
	stated := 0
	for _, part := range []string{"ceremonies", "keys", "image"} {
		filepath.WalkDir(filepath.Join(h.dir, part), func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				stated++
				changeBytes(t, h, name)
			}
			return err
		})
	}
	if stated != 1+1+1+1+4+4+4 { // plan, changes, transcript, record, signatures, records of keys, metadata
		t.Errorf("%d files", stated)
	}
}

// wantDeviations demands what hold does wrong: a yes that is no phrase, and what
// follows from it.
func wantDeviations(t *testing.T, h held) {
	t.Helper()
	s, err := read(h.ws, h.name)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, row := range s.deviationRows() {
		kinds = append(kinds, row[2]+" "+row[3])
	}
	want := []string{"2 mistyped", "2 no", "2 failure", "– resumption"}
	if !slices.Equal(kinds, want) {
		t.Errorf("got %q, want %q", kinds, want)
	}
	if !strings.HasPrefix(s.verdict(), "Finished, with 4 deviations (A8). 4 keys generated; put in place: root 1,") {
		t.Errorf("got %s", s.verdict())
	}
}

func record(t *testing.T, h held) *page.Document {
	t.Helper()
	d, err := Make(h.ws, h.name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// changeBytes changes a byte here and there, one at a time: at the ends of the
// file, and one in every stretch.
func changeBytes(t *testing.T, h held, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	stretch := max(1, len(data)/4)
	for i := 0; i < len(data); i += stretch {
		for _, at := range []int{i, len(data) - 1 - i} {
			changed := append([]byte(nil), data...)
			changed[at] ^= 1
			wantNamed(t, h, name, at, changed)
		}
	}
	wantNamed(t, h, name, len(data), append(append([]byte(nil), data...), '\n'))
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantNamed(t *testing.T, h held, name string, at int, changed []byte) {
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Verify(h.ws, h.name)
	relative, _ := filepath.Rel(h.dir, name)
	if err == nil || !strings.Contains(err.Error(), relative) {
		t.Fatalf("byte %d of %s changed: got %v", at, relative, err)
	}
}

// TestCheckMissing takes files away.
func TestCheckMissing(t *testing.T) {
	h := hold(t)
	for name, want := range map[string]string{
		"image/metadata/1.root.json": "1.root.json is missing; line ",
		"keys/root-a.yaml":           "keys/root-a.yaml is missing; line ",
		"ceremonies/" + h.name + "/signatures/06-root-root-a.json": "signatures holds no file with the signature of line ",
		path.Dir("ceremonies/"+h.name) + "/plan.yaml":              "plan.yaml",
		path.Dir("ceremonies/"+h.name) + "/changes.jsonl":          "changes.jsonl",
	} {
		away := filepath.Join(t.TempDir(), "away")
		if err := os.Rename(filepath.Join(h.dir, name), away); err != nil {
			t.Fatal(err)
		}
		if _, err := Check(h.ws, h.name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", name, err)
		}
		if err := os.Rename(away, filepath.Join(h.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCheckLines takes whole lines from a transcript: in the middle the chain
// breaks; from the end only the words on paper tell.
func TestCheckLines(t *testing.T) {
	h := hold(t)
	dir := filepath.Join(h.dir, "ceremonies", h.name)
	lines := strings.SplitAfter(ceremonytest.Content(t, dir, "transcript.jsonl"), "\n")
	write := func(kept []string) {
		if err := os.WriteFile(filepath.Join(dir, "transcript.jsonl"), []byte(strings.Join(kept, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := Check(h.ws, h.name)
	if err != nil {
		t.Fatal(err)
	}
	write(append(append([]string(nil), lines[:4]...), lines[5:]...))
	_, err = Check(h.ws, h.name)
	ceremonytest.WantError(t, err, fault.Unverified, "transcript.jsonl:5: seq is 6, want 5")
	write(lines[:len(lines)-3])
	cut, err := Check(h.ws, h.name)
	if err != nil || cut.State != "under-way" || cut.Shown == whole.Shown {
		t.Errorf("got %+v, %v", cut, err)
	}
}

// TestCheckLater holds a second ceremony, which replaces a file of the first: that
// one's file is the copy that was kept, and its record the same as before.
func TestCheckLater(t *testing.T) {
	h := hold(t)
	before := html(t, record(t, h))
	made, err := derive.Make(h.ws, plan.Request{Repository: "image", Renew: []string{"timestamp"}, Now: ceremonytest.Now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	r := run.Run{Yes: true, Inspect: preflighttest.Fit, PlanSHA256: made.SHA256, RoomSHA256: made.Room,
		Room: room.Room{Workspace: h.ws, Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return ceremonytest.Now.Add(time.Hour) }}}
	if err := r.Ceremony(t.Context(), made.Plan.Ceremony); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{h.name, made.Plan.Ceremony + "/main"} {
		if _, err := Check(h.ws, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := html(t, record(t, h)); !bytes.Equal(before, after) {
		t.Error("the record is another one")
	}
	ceremonytest.Rewrite(t, h.dir, ceremonies.Kept(made.Plan.Ceremony, "main", "timestamp.json"), func(text string) string { return text + " " })
	_, err = Check(h.ws, h.name)
	ceremonytest.WantError(t, err, fault.Unverified, "image/metadata/timestamp.json (nor ceremonies/2026-11-23-image-2/main/replaced/timestamp.json) is not what line ")
}
