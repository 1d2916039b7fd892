package wrapping

import (
	"os"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// bench is a workspace with one token.
type bench struct {
	t   *testing.T
	dir string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return &bench{t, ceremonytest.Small(t)}
}

func (b *bench) room(p prompt.Prompter) room.Room {
	b.t.Helper()
	return room.Room{Workspace: ceremonytest.Open(b.t, b.dir), Prompter: p, Now: func() time.Time { return ceremonytest.Now }}
}
