package rehearse

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// TestRehearseExternal rehearses a ceremony for which a signature is brought in by hand.
func TestRehearseExternal(t *testing.T) {
	s := &stage{t: t, ws: ceremonytest.Open(t, ceremonytest.Small(t)), now: ceremonytest.Now}
	record, err := workspace.NewKeyRecord("targets-a", ceremonytest.Key("targets-a").Public(), s.now)
	if err != nil {
		t.Fatal(err)
	}
	data, err := record.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.ws.Dir, workspace.KeyPath("targets-a")), data, 0o600); err != nil {
		t.Fatal(err)
	}
	ceremonytest.Rewrite(t, s.ws.Dir, workspace.TrustFile, func(text string) string {
		return strings.Replace(text, "{type: ecdsa-p256, custodian: b}", "{external: keys/targets-a.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "targets-a")+"}", 1)
	})
	ceremonytest.Rewrite(t, s.ws.Dir, workspace.SiteFile, func(text string) string { return strings.Replace(text, "targets-a: all, ", "", 1) })
	s.makePlan(plan.Request{})
	w, person := s.rehearse()
	if !slices.ContainsFunc(person.Said, func(said string) bool { return strings.Contains(said, "the fake of targets-a signed elsewhere") }) {
		t.Errorf("said %q", person.Said)
	}
	if there, err := w.Exists("image/metadata/timestamp.json"); err != nil || !there {
		t.Errorf("it did not come to its end: %v", err)
	}
}
