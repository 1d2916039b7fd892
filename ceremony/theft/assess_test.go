package theft_test

import (
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/theft"
)

// TestAssess says what a thief can do, who is left, and what ends it.
func TestAssess(t *testing.T) {
	const until = "; a vehicle that he keeps from newer files believes him until "
	for name, tt := range map[string]struct {
		stolen, lost string
		want         []string
	}{
		"timestamp": {"timestamp-a", "", []string{
			"thief     timestamp: he can show what is signed now as if it were fresh" + until + "2026-11-24T05:00:00Z",
			"thief     timestamp: he can spend the versions, so that vehicles refuse what you sign until they forget his",
			"left      timestamp: 0 keys, want 1; root, or the role above it, gives it new keys",
			"end       snapshot: new keys for snapshot-a",
			"end       timestamp: new keys for timestamp-a",
		}},
		"targets": {"targets-a", "", []string{
			"thief     targets: he can list images of his own, once a server signs snapshot and timestamp over them" + until + "2027-11-23T05:00:00Z",
			"vehicles  full verification installs it where the Director assigns it; partial verification does not ask",
			"left      targets: 0 keys, want 1; root, or the role above it, gives it new keys",
			"end       targets: new keys for targets-a",
		}},
		"one root key": {"root-a", "", []string{
			"thief     below every threshold: with these keys alone he can do nothing",
			"left      root: 1 key, want 2; a new root needs stolen keys that you have too",
			"end       root: new keys for root-a",
		}},
		"both root keys": {"root-a,root-b", "", []string{
			"thief     root: he can sign a root of his own: every vehicle follows it, and no later root of yours brings one back",
			"left      root: 0 keys, want 2; a new root needs stolen keys that you have too",
			"end       be first with a new root, and give vehicles that saw another one their trust out of band (TUF 1.0.34 §2.1.1)",
			"end       root: new keys for root-a, root-b",
		}},
		"one root key lost": {"", "root-b", []string{
			"left      root: 1 key, want 2; no new root can be signed: trust is given out of band (TUF 1.0.34 §2.1.1)",
			"end       root: new keys for root-b",
		}},
	} {
		s := ceremonytest.NewSoftware(t)
		s.GiveToServer("snapshot-a", "timestamp-a")
		s.CarryOut(plan.Request{})
		s.Serve(7, 40)
		split := func(names string) []string { return strings.FieldsFunc(names, func(r rune) bool { return r == ',' }) }
		assessed, err := theft.Assess(s.Open(), "image", split(tt.stolen), split(tt.lost), s.Now)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, l := range assessed.Lines() {
			lines = append(lines, l.Head+l.Text)
		}
		if got := strings.Join(lines, "\n"); got != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, strings.Join(tt.want, "\n"))
		}
	}
}

// TestAssessRefuses knows no key that has no name, and nothing of what is not signed.
func TestAssessRefuses(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	ask := func(stolen, lost string) error {
		_, err := theft.Assess(s.Open(), "image", strings.Fields(stolen), strings.Fields(lost), s.Now)
		return err
	}
	ceremonytest.WantError(t, ask("", "nobody"), fault.Usage, "--lost nobody: no such key; want some of ")
	s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin")
	ceremonytest.WantError(t, ask("root-a", ""), fault.Unverified, "1.targets.json: ")
	if err := os.RemoveAll(s.Path("image")); err != nil {
		t.Fatal(err)
	}
	ceremonytest.WantError(t, ask("root-a", ""), fault.Incomplete, "nothing is signed yet")
}
