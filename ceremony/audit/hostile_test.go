package audit

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
)

// TestHostileKeyID carries what an attacker chose as a signature's key id through
// verify to the terminal: it must not clear the screen, turn text around, look like
// keyrite's own words, or fill the screen.
func TestHostileKeyID(t *testing.T) {
	s := released(t, "release 2", imageCustom)
	name := s.Path("image/metadata/timestamp.json")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const keyid = `"keyid":"`
	if bytes.Count(data, []byte(keyid)) != 1 {
		t.Fatalf("%s is another than this test knows", data)
	}
	hostile := keyid + `\u001b[2J\u001b[H\u202everified\nhint: nothing to see\u009b2J` + strings.Repeat("x", 10_000)
	if err := os.WriteFile(name, bytes.Replace(data, []byte(keyid), []byte(hostile), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Verify(request(s))
	ceremonytest.WantError(t, err, fault.Unverified, "does not count")
	var screen strings.Builder
	fault.Print(&screen, err)
	if got := screen.String(); strings.ContainsAny(got, "\x1b\u202e\u009b") || strings.Contains(got, "\nhint: nothing") || len(got) > 2000 {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
