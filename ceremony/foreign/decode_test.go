package foreign

import (
	"bytes"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// TestRawLikeJSON takes raw signatures that begin as JSON does: one in 256.
func TestRawLikeJSON(t *testing.T) {
	raw := append([]byte(`{"sig`), bytes.Repeat([]byte{0xff}, 59)...)
	b, err := decode(roles.TUF, raw)
	if err != nil || len(b.values) != 1 || !bytes.Equal(b.values[0], raw) {
		t.Errorf("got %+v, %v", b, err)
	}
	if _, err := decode(roles.TUF, []byte(`{"sig`)); err == nil {
		t.Error("broken JSON is taken for a signature")
	}
}
