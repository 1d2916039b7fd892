package preflight

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// TestWaive sets aside what fails or warns, in somebody's name, and refuses a waiver
// of nothing and of what cannot be waived.
func TestWaive(t *testing.T) {
	r := &Report{}
	r.pass(CheckNetwork, "", "good")
	r.warn(CheckNetwork, "eth1", "so so")
	r.fail(CheckNetwork, "eth0", "bad")
	r.fail(CheckSwap, "", "also bad")
	r.fail(CheckModule, "m", "another file")
	r.waive([]workspace.Waiver{{Check: CheckNetwork, Reason: "march", Person: "A"}})
	for i, want := range []transcript.Verdict{"PASS", "WAIVED", "WAIVED", "FAIL", "FAIL"} {
		if got := r.Lines[i]; got.Verdict != want || want == "WAIVED" && (got.WaivedBy != "A" || got.Because != "march") {
			t.Errorf("line %d: got %+v, want %s", i+1, got, want)
		}
	}
	r.waive([]workspace.Waiver{{Check: CheckModule, Reason: "hurry", Person: "A"}})
	r.wantLine(t, transcript.Fail, CheckWaiver, "site.yaml waives MODULE, which cannot be waived: the module is the pinned file")
	r.wantLine(t, transcript.Fail, CheckModule, "another file")
	r.waive([]workspace.Waiver{{Check: "NETWROK", Reason: "hurry", Person: "A"}})
	r.wantLine(t, transcript.Fail, CheckWaiver, "site.yaml waives NETWROK, which is no check; did you mean NETWORK?")
}

// TestText shows what fails last, and repeats it in the error; lines break between
// words, at every width.
func TestText(t *testing.T) {
	r := &Report{}
	r.fail(CheckNetwork, "eth0", "network interface eth0 is up")
	r.pass(CheckSwap, "", "swap is off")
	r.warn(CheckTerminal, "", "the terminal is\x1b[2J small")
	r.fail(CheckRoute, "", "a route leads out over eth0")
	r.waive([]workspace.Waiver{{Check: CheckRoute, Reason: "air gap from March on", Person: "A. Example"}})
	want := `PASS    swap is off
WAIVED  a route leads out over eth0;
        waived by A. Example: air gap
        from March on
WARN    the terminal is\u001b[2J small
FAIL    network interface eth0 is up
`
	if got := r.Text(transcript.Pass, 40); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := r.Text(transcript.Fail, 40); got != "FAIL    network interface eth0 is up\n" {
		t.Errorf("got %q", got)
	}
	if got, want := r.Summary(), "4 lines: 1 pass, 1 waived, 1 warning, 1 fail"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	err := r.Failed()
	if fault.CodeOf(err) != fault.Failed || err.Error() != "this machine is not fit for a ceremony: network interface eth0 is up" {
		t.Errorf("got %v", err)
	}
	if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "waivers: [{check: NETWORK, reason: TEXT, person: NAME}]") {
		t.Errorf("got hints %s", hints)
	}
	token := &Report{}
	token.fail(CheckToken, "a", "token a is not here")
	if err := token.Failed(); fault.CodeOf(err) != fault.Token {
		t.Errorf("got %v, code %d", err, fault.CodeOf(err))
	}
	never := &Report{}
	never.fail(CheckModule, "m", "another file")
	if hints := fault.Hints(never.Failed()); hints != nil {
		t.Errorf("a hint to waive what cannot be waived: %s", hints)
	}
	if err := new(Report).Failed(); err != nil {
		t.Error(err)
	}
}

// TestBrief has one line for all ways out that are shut, per module, and keeps those
// that are open.
func TestBrief(t *testing.T) {
	r := &Report{}
	r.pass(CheckHelper, "a", "UDP")
	r.fail(CheckHelper, "a", "TCP")
	r.pass(CheckHelper, "b", "UDP")
	r.pass(CheckHelper, "a", "netlink")
	r.brief()
	r.wantLine(t, transcript.Pass, CheckHelper, "the helper of module b is locked in; ways out that were tried, all shut: 1")
	r.wantLine(t, transcript.Fail, CheckHelper, "TCP")
	r.wantLine(t, transcript.Pass, CheckHelper, "the helper of module a is locked in; ways out that were tried, all shut: 2")
}
