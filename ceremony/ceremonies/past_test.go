package ceremonies_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// TestCopiedPast counts what a key signed once, however many transcripts tell of it.
func TestCopiedPast(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	by := transcript.MarkedKey{Key: digest.Of([]byte("key")), Record: 7}
	ended := transcript.Aborted{Repository: "image", Because: "test", Signed: []transcript.Mark{{Role: "targets", Version: 2, By: []transcript.MarkedKey{by}}}}
	for _, site := range []string{"main", "oslo"} {
		log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir("2026-11-23-image-1", site), func() time.Time { return s.Now })
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(0, transcript.ActorPerson, ended); err != nil {
			t.Fatal(err)
		}
		log.Close()
	}
	past, err := ceremonies.ReadPast(s.Open(), "image", "")
	if err != nil {
		t.Fatal(err)
	}
	if known := past.Signatures(by.Key, "targets"); len(known) != 1 || known[0].Seq != 7 {
		t.Errorf("got %+v", known)
	}
}

// TestPastOutlivesNoProcess changes a finished transcript where it lies. Whoever reads
// it next goes by what it says then, and only one who has read it already does not.
func TestPastOutlivesNoProcess(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	s := ceremonytest.SignedSoftware(t)
	const changed, other = "2026-11-23-image-1", "2026-11-23-image-2"
	finish := func(name string, version int64) string {
		dir := ceremonies.SiteDir(name, "main")
		log, err := transcript.Open(s.Open().Folder, dir, func() time.Time { return s.Now })
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if err := log.Append(0, transcript.ActorTool, transcript.Finished{Repository: "image", Signed: []transcript.Mark{{Role: "targets", Version: version}}}); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(s.Dir, dir, transcript.File)
	}
	newest := func(ws *workspace.Workspace) int64 {
		past, err := ceremonies.ReadPast(ws, "image", other)
		if err != nil {
			t.Fatal(err)
		}
		of, _ := past.Newest("targets")
		return of.Version
	}
	file := finish(changed, 7)
	before := s.Open()
	if got := newest(before); got != 7 {
		t.Fatalf("got version %d, want 7", got)
	}
	data, err := os.ReadFile(finish(other, 8))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if again, next := newest(before), newest(s.Open()); again != 7 || next != 8 {
		t.Errorf("got version %d in the same process and %d in the next, want 7 and 8", again, next)
	}
}

// TestUnfinished finds what is open without reading what finished ceremonies say, and a
// last line that was changed is no end.
func TestUnfinished(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	write := func(name, site string, data transcript.Data) string {
		dir := ceremonies.SiteDir(name, site)
		log, err := transcript.Open(s.Open().Folder, dir, func() time.Time { return s.Now })
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if err := log.Append(0, transcript.ActorTool, data); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(s.Dir, dir, transcript.File)
	}
	finished := transcript.Finished{Repository: "image", Signed: []transcript.Mark{{Role: "targets", Version: 7}}}
	write("2026-11-23-image-2", "main", finished)
	write("2026-11-23-image-3", "main", finished)
	write("2026-11-23-image-3", "oslo", transcript.Started{})
	write("2026-11-23-image-4", "main", transcript.Started{})
	write("2026-11-23-image-5", "main", transcript.Note{Text: `,"event":"finished"`})
	past, err := ceremonies.ReadUnfinished(s.Open())
	if err != nil || !slices.Equal(past.Open, []string{"2026-11-23-image-4", "2026-11-23-image-5"}) || past.Signed("targets", 7) != true {
		t.Errorf("open %q, %v", past.Open, err)
	}
	all, err := ceremonies.ReadPast(s.Open(), "", "")
	if err != nil || !slices.Equal(all.Open, past.Open) || !slices.Equal(all.Planned, past.Planned) {
		t.Errorf("open %q, planned %q, %v; want as unfinished", all.Open, all.Planned, err)
	}
	sealed := finished
	sealed.Signed = []transcript.Mark{{Role: "root", Version: 4, Kit: "spare"}}
	write("2026-11-24-image-1", "main", sealed)
	if past, err = ceremonies.ReadUnfinished(s.Open()); err != nil || len(past.Sealed()) != 1 || past.Sealed()[0].Kit != "spare" || past.Sealed()[0].Ceremony != "2026-11-24-image-1" {
		t.Errorf("sealed %v, %v", past.Sealed(), err)
	}
	hidden := write("2026-11-24-image-2", "main", sealed)
	line, err := os.ReadFile(hidden)
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(strings.Replace(string(line), `"kit"`, `"\u006bit"`, 1), `,"hash":`)
	if err := os.WriteFile(hidden, []byte(body+`,"hash":"`+digest.Of([]byte(body)).String()+"\"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if past, err = ceremonies.ReadUnfinished(s.Open()); err == nil && len(past.Sealed()) != 2 {
		t.Errorf("a kit under an escape is hidden: sealed %v", past.Sealed())
	}
	os.RemoveAll(filepath.Dir(filepath.Dir(hidden)))
	file := write("2026-11-23-image-6", "main", finished)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(data, []byte(`"version":7`), []byte(`"version":8`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ceremonies.ReadUnfinished(s.Open()); err == nil {
		t.Error("a changed last line is an end")
	}
}
