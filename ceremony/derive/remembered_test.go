package derive_test

import (
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestRemembered plans after a ceremony that signed something and was aborted: what
// it signed and did not put in place is passed over, and never signed again; what
// it put in place must be there.
func TestRemembered(t *testing.T) {
	mark := func(role string, version int64, placed bool) transcript.Mark {
		return transcript.Mark{Role: role, Version: version, SHA256: digest.Of([]byte(role)), Placed: placed}
	}
	for name, tt := range map[string]struct {
		marks   []transcript.Mark
		request plan.Request
		files   string // empty: it is refused
		code    fault.Code
		refused string
	}{
		"nothing":                      {nil, plan.Request{Renew: []string{"targets"}}, "targets 2, snapshot 2, timestamp 2", 0, ""},
		"what is there":                {[]transcript.Mark{mark("targets", 1, true)}, plan.Request{Renew: []string{"targets"}}, "targets 2, snapshot 2, timestamp 2", 0, ""},
		"the next, not in place":       {[]transcript.Mark{mark("targets", 2, false)}, plan.Request{Renew: []string{"targets"}}, "targets 3, snapshot 2, timestamp 2", 0, ""},
		"one after that, not in place": {[]transcript.Mark{mark("targets", 3, false), mark("targets", 2, false)}, plan.Request{Renew: []string{"targets"}}, "targets 4, snapshot 2, timestamp 2", 0, ""},
		"a jump":                       {[]transcript.Mark{mark("targets", 1<<31-2, false)}, plan.Request{Renew: []string{"targets"}}, "", fault.Unverified, "2026-11-23-image-1 says that it signed version 2147483646 of targets, but nothing here signed version 2\nhint: bring the folders of the other sites' ceremonies here; or, if version 2147483646 is known to be out there, set floor: 2147483647 for targets in trust.yaml"},
		"a jump after the next":        {[]transcript.Mark{mark("timestamp", 2, false), mark("timestamp", 4, false)}, plan.Request{Renew: []string{"timestamp"}}, "", fault.Unverified, "signed version 4 of timestamp, but nothing here signed version 3"},
		"the next, in place":           {[]transcript.Mark{mark("targets", 2, false), mark("targets", 2, true)}, plan.Request{Renew: []string{"targets"}}, "", fault.Unverified, "targets is version 1, but ceremony 2026-11-23-image-1 signed version 2\nhint: restore the newer file from the last bundle"},
		"snapshot, in place":           {[]transcript.Mark{mark("snapshot", 5, true)}, plan.Request{Renew: []string{"targets"}}, "", fault.Unverified, "snapshot is version 1, but ceremony 2026-11-23-image-1 signed version 5"},
		"root 2, not in place":         {[]transcript.Mark{mark("root", 2, false)}, plan.Request{Renew: []string{"root"}}, "", fault.Refused, "root 2 was signed already (2026-11-23-image-1) and is not in place"},
		"root 2, with a reason":        {[]transcript.Mark{mark("root", 2, false)}, plan.Request{Renew: []string{"root"}, Override: "the stick burnt"}, "root 2", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir("2026-11-23-image-1", "main"), func() time.Time { return s.Now })
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			if err := log.Append(0, transcript.ActorTool, transcript.Started{}); err != nil {
				t.Fatal(err)
			}
			_, err = s.Make(tt.request)
			ceremonytest.WantError(t, err, fault.Refused, "ceremony 2026-11-23-image-1 is under way")
			if err := log.Append(0, transcript.ActorPerson, transcript.Aborted{Repository: "image", Because: "test", Signed: tt.marks}); err != nil {
				t.Fatal(err)
			}
			s.Now = s.Now.Add(time.Hour)
			p, err := s.Make(tt.request)
			if tt.refused != "" {
				ceremonytest.WantError(t, err, tt.code, tt.refused)
			} else if err != nil || ceremonytest.Files(p) != tt.files {
				t.Errorf("got %v, %v, want %s", p, err, tt.files)
			}
		})
	}
}

// TestDamagedPast plans beside a ceremony whose transcript a crash cut short, which
// has not ended, and beside one whose transcript was changed.
func TestDamagedPast(t *testing.T) {
	const name = "ceremonies/2026-11-23-image-1/main/transcript.jsonl"
	for _, tt := range []struct {
		change func(string) string
		code   fault.Code
		want   string
	}{
		{func(text string) string { return strings.Replace(text, `"step":0`, `"step":1`, 1) }, fault.Unverified, name + ":1: line is not as keyrite writes it"},
		{func(text string) string { return strings.Replace(text, "last", "lost", 1) }, fault.Unverified, name + ": the last line: line is not as keyrite writes it"},
		{func(text string) string { return strings.TrimSuffix(text, "}\n") }, fault.Refused, "ceremony 2026-11-23-image-1 is under way"},
	} {
		s := ceremonytest.SignedSoftware(t)
		log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir("2026-11-23-image-1", "main"), func() time.Time { return s.Now })
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		for _, data := range []transcript.Data{transcript.Started{}, transcript.Note{Text: "last"}} {
			if err := log.Append(0, transcript.ActorTool, data); err != nil {
				t.Fatal(err)
			}
		}
		ceremonytest.Rewrite(t, s.Dir, name, tt.change)
		_, err = s.Make(plan.Request{Renew: []string{"targets"}})
		ceremonytest.WantError(t, err, tt.code, tt.want)
	}
}
