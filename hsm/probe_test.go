package hsm_test

import (
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// Every door is held on a machine like the one that tests run on, but for what
// root can do to root, and what no measure of a module with a D-Bus service holds.
func TestHelperHoldsEveryDoor(t *testing.T) {
	s := newScene(t)
	bare := s.module
	bare.Env = map[string]string{"DBUS_SESSION_BUS_ADDRESS": "none"}
	connects := bare
	connects.Connects = []string{s.declared.Addr().String()}
	for _, m := range []hsm.Module{{Name: "none"}, s.module, bare, connects} {
		noRoot := !ownRoot(len(m.Env) == 1)
		doors, err := hsm.Probe(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if len(doors) < 25 {
			t.Errorf("got %d doors", len(doors))
		}
		for _, d := range doors {
			t.Logf("%v %s: %s", d.Held, d.Name, d.Detail)
			asRoot := strings.HasPrefix(d.Name, "memory, read by") && os.Geteuid() == 0
			unseen := noRoot && (strings.HasPrefix(d.Name, "see what") ||
				d.Name == "a Unix socket that is not declared" && since(9, "held", "") == "" ||
				d.Name == "an abstract Unix socket" && since(6, "held", "") == "")
			if d.Held == (asRoot || unseen) || d.Detail == "" && !d.Held {
				t.Errorf("%s: held %v, %q", d.Name, d.Held, d.Detail)
			}
			if unseen && !strings.Contains(d.Detail, "no root of its own: ") {
				t.Errorf("%s: no reason in %q", d.Name, d.Detail)
			}
		}
	}
}
