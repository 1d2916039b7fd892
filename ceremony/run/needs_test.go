package run

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestNeeds(t *testing.T) {
	for want, decl := range map[string]workspace.ModuleDecl{
		"nothing":              {Path: "/usr/lib/a.so"},
		"writes to hsm/tokens": {State: []string{"hsm/tokens"}},
		"writes to a, b; reads /etc/c; connects to /run/d; network 10.0.0.1:1792": {
			State: []string{"a", "b"}, Reads: []string{"/etc/c"}, Connects: []string{"/run/d"}, Network: []string{"10.0.0.1:1792"}},
	} {
		if got := needs(decl); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
