package custody

import (
	"io"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/hsm"
)

// TestGenerateKeyRefuses finds what is wrong before a token is asked.
func TestGenerateKeyRefuses(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	for _, tt := range []struct {
		request KeyRequest
		code    fault.Code
		want    string
	}{
		{KeyRequest{Name: "../pin", Type: hsm.Ed25519, Token: "all"}, fault.Usage, `key name is "../pin"`},
		{KeyRequest{Name: "Root-A", Type: hsm.Ed25519, Token: "all"}, fault.Usage, `key name is "Root-A"`},
		{KeyRequest{Name: "root-a"}, fault.Failed, "keys/root-a.yaml: file already exists; a key is never generated twice"},
		{KeyRequest{Name: "root-z"}, fault.Usage, "keys.root-z is missing; no token here holds that key"},
		{KeyRequest{Name: "root-c"}, fault.Usage, "key root-c: trust.yaml declares no type for it"},
	} {
		_, err := GenerateKey(t.Context(), room.Room{Workspace: s.Open(), Prompter: prompt.Nobody(io.Discard), Now: func() time.Time { return s.Now }}, tt.request)
		ceremonytest.WantError(t, err, tt.code, tt.want)
	}
}
