package preflight

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	code := m.Run()
	hsmtest.RemoveHabits()
	os.Exit(code)
}

// wantLine demands that the last line says this, and takes it away.
func (r *Report) wantLine(t *testing.T, verdict transcript.Verdict, check, text string) {
	t.Helper()
	if len(r.Lines) == 0 {
		t.Fatalf("no line, want %s %s %s", verdict, check, text)
	}
	last := len(r.Lines) - 1
	got := r.Lines[last]
	if got.Verdict != verdict || got.Check != check || !strings.Contains(got.Text, text) {
		t.Errorf("got %+v, want %s %s %s", got, verdict, check, text)
	}
	r.Lines = r.Lines[:last]
}

// verdicts are the worst of each check.
func (r *Report) verdicts() map[string]transcript.Verdict {
	worst := make(map[string]transcript.Verdict)
	for _, l := range r.Lines {
		if worst[l.Check] == "" || rank(l.Verdict) > rank(worst[l.Check]) {
			worst[l.Check] = l.Verdict
		}
	}
	return worst
}

// TestClock holds the clock against the newest record: it cannot be before it. With
// people it waits for two of them.
func TestClock(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	newest := s.Now.Add(time.Hour)
	s.Edit("keys/root-b.yaml", s.Now.Format(time.RFC3339), newest.Format(time.RFC3339))
	look := func(after time.Duration, people bool) *Report {
		r := &Report{}
		if err := r.clock(s.Open(), Request{Now: newest.Add(after), People: people}); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for after, verdict := range map[time.Duration]transcript.Verdict{-24 * time.Hour: transcript.Fail, -time.Second: transcript.Fail, 0: transcript.Pass, 24 * time.Hour: transcript.Pass} {
		look(after, false).wantLine(t, verdict, CheckClock, "the clock says "+newest.Add(after).Format(time.DateTime)+" UTC")
	}
	look(-time.Second, true).wantLine(t, transcript.Fail, CheckClock, "which is before keys/root-b.yaml was made: 2026-11-23 06:00:00 UTC")
	look(0, true).wantLine(t, transcript.Warn, CheckClock, "nobody has confirmed it")
	r := look(0, true)
	r.ConfirmClock("Name One", "Name One")
	r.wantLine(t, transcript.Warn, CheckClock, "nobody has confirmed it")
	r = look(0, true)
	r.ConfirmClock("Name Two", "Name One")
	r.wantLine(t, transcript.Pass, CheckClock, "2026-11-23 06:00:00 UTC, confirmed by Name One, Name Two")
	r = look(-time.Second, true)
	r.ConfirmClock("Name Two", "Name One")
	r.wantLine(t, transcript.Fail, CheckClock, "which is before")
	s.Edit("keys/root-b.yaml", "name: root-b", "name: [")
	if err := new(Report).clock(s.Open(), Request{Now: newest}); err == nil {
		t.Error("a record that cannot be read is passed over")
	}
}

// TestLook looks at all of a room.
func TestLook(t *testing.T) {
	dir := ceremonytest.Small(t)
	machine := Here("1.0.0 abc", []hsm.Protection{{Name: hsm.CoreDumpsOff, Active: false, Detail: "why"}}, &Size{79, 24})
	look := func(ask Request) *Report {
		t.Helper()
		ask.Now = ceremonytest.Now
		report, err := machine.Look(t.Context(), ceremonytest.Open(t, dir), ask)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	report := look(Request{})
	got := report.verdicts()
	for check, want := range map[string]transcript.Verdict{CheckBuild: "PASS", CheckCoreDumps: "FAIL", CheckClock: "PASS", CheckFolder: "PASS",
		CheckTerminal: "WARN", CheckModule: "PASS", CheckToken: "PASS", CheckPIN: "PASS", CheckAdvisory: "WARN"} {
		if got[check] != want {
			t.Errorf("%s: got %s, want %s", check, got[check], want)
		}
	}
	if report.Build != "1.0.0 abc" || report.Program.IsZero() {
		t.Errorf("got build %q, program %s", report.Build, report.Program)
	}
	ceremonytest.WantError(t, report.Failed(), fault.Failed, "not fit for a ceremony: a crash of keyrite may leave a core dump with secrets: why; ")
	if all := look(Request{All: true}); len(all.Lines) < len(report.Lines)+10 {
		t.Errorf("got %d lines of all, %d in brief", len(all.Lines), len(report.Lines))
	}
	if none := look(Request{Tokens: []string{}}); none.verdicts()[CheckToken] != "" {
		t.Error("a token that is not asked for is looked at")
	}
	ceremonytest.Rewrite(t, dir, "site.yaml", func(text string) string { return strings.Replace(text, "token=all", "token=gone", 1) })
	for _, tt := range []struct {
		ask  Request
		want transcript.Verdict
	}{{Request{}, "FAIL"}, {Request{People: true}, "FAIL"}, {Request{Absent: true}, "FAIL"}, {Request{People: true, Absent: true}, "WARN"}} {
		if got := look(tt.ask).verdicts()[CheckToken]; got != tt.want {
			t.Errorf("a token that is not here, %+v: got %s, want %s", tt.ask, got, tt.want)
		}
	}
	ceremonytest.Rewrite(t, dir, "site.yaml", func(text string) string {
		return text + "waivers:\n  - {check: TOKEN, reason: test, person: a}\n  - {check: CORE-DUMPS, reason: test, person: b}\n"
	})
	got = look(Request{}).verdicts()
	if got[CheckToken] != "WAIVED" || got[CheckCoreDumps] != "WAIVED" || got[CheckWaiver] != "" {
		t.Errorf("with waivers: %v", got)
	}
}
