package audit

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestMissed notices ceremonies that were held and of which the past is gone, or was
// changed.
func TestMissed(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(s *ceremonytest.Software, dir string)
		want   string
		kind   MissedKind
	}{
		"as it was": {func(*ceremonytest.Software, string) {}, "", ""},
		"transcript gone": {func(s *ceremonytest.Software, dir string) { os.Remove(s.Path(dir + "/transcript.jsonl")) },
			"2026-11-23-image-1: the transcript of 2026-11-23-image-1/main is gone, but record.html is there", MissedGone},
		"all gone": {func(s *ceremonytest.Software, dir string) { os.RemoveAll(s.Path(dir)) },
			"2026-11-23-image-1: it has no transcript, but all that it makes is in place: image/metadata/1.root.json", MissedWhole},
		"line changed": {func(s *ceremonytest.Software, dir string) { s.Edit(dir+"/transcript.jsonl", "a note", "b note") },
			"2026-11-23-image-1: ceremonies/2026-11-23-image-1/main/transcript.jsonl:2: line is not as keyrite writes it", MissedChanged},
		"torn by a crash": {func(s *ceremonytest.Software, dir string) {
			s.Write(dir+"/transcript.jsonl", strings.TrimSuffix(s.Read(dir+"/transcript.jsonl"), "\"}\n"))
		}, "", ""},
		"not held yet": {func(s *ceremonytest.Software, dir string) { os.RemoveAll(s.Path(dir)); os.RemoveAll(s.Path("image")) }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			dir := ceremonies.SiteDir("2026-11-23-image-1", "main")
			log, err := transcript.Open(s.Open().Folder, dir, func() time.Time { return s.Now })
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			for _, d := range []transcript.Data{transcript.Started{Plan: digest.Of([]byte("x"))}, transcript.Note{Text: "a note"}, transcript.Finished{Repository: "image"}} {
				if err := log.Append(0, transcript.ActorTool, d); err != nil {
					t.Fatal(err)
				}
			}
			s.Write(dir+"/record.html", "x")
			tt.change(s, dir)
			status, err := ReadStatus(s.Open(), s.Now)
			if err != nil {
				t.Fatal(err)
			}
			err = status.Waiting()
			if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
				if len(status.Missed) != 1 || status.Missed[0].Missed != tt.kind {
					t.Errorf("got %+v, want %s", status.Missed, tt.kind)
				}
			} else if status.Missed != nil {
				t.Errorf("got %v", status.Missed)
			}
			for _, c := range status.Planned {
				if tt.want != "" {
					t.Errorf("%s is planned, too", c.Name)
				}
			}
		})
	}
}

// TestMissedOfOld reads the newest ceremonies of a repository whole, and believes of
// older ones the last line: status costs the same after ten years.
func TestMissedOfOld(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	for n := range looked + 1 {
		dir := ceremonies.SiteDir(fmt.Sprintf("2026-11-24-image-%d", n+1), "main")
		log, err := transcript.Open(s.Open().Folder, dir, func() time.Time { return s.Now })
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []transcript.Data{transcript.Note{Text: "a note"}, transcript.Finished{Repository: "image"}} {
			if err := log.Append(0, transcript.ActorTool, d); err != nil {
				t.Fatal(err)
			}
		}
		log.Close()
		s.Edit(dir+"/transcript.jsonl", "a note", "b note")
	}
	list, err := missed(s.Open())
	if err != nil || len(list) != looked || list[0].Name != "2026-11-24-image-9" || list[looked-1].Name != "2026-11-24-image-2" {
		t.Errorf("got %v, %v", list, err)
	}
}
