package policies

import (
	"errors"
	"slices"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// TestSigners counts different keys of a list that can be used, and no others.
func TestSigners(t *testing.T) {
	f := newFixture(t)
	unusable := f.keys["root-3"]
	unusable.Problem = errors.New("of no scheme that clients know")
	listed := append(f.list("root-1", "root-2", "root-2"), unusable)
	for _, tt := range []struct {
		signing []string
		want    int
	}{
		{nil, 0},
		{[]string{"root-1"}, 1},
		{[]string{"root-1", "root-1"}, 1},
		{[]string{"root-1", "root-2"}, 2},
		{[]string{"root-1", "root-3"}, 1},
		{[]string{"root-1", "root-4"}, 1},
	} {
		if got := signers(f.prints(tt.signing...), listed); got != tt.want {
			t.Errorf("%q: got %d, want %d", tt.signing, got, tt.want)
		}
	}
}

// TestKeysOf lists the keys of a role, and of no other.
func TestKeysOf(t *testing.T) {
	f := newFixture(t)
	got := keysOf(f.Next.Root, "timestamp")
	same := func(a, b roles.Key) bool { return a.Fingerprint == b.Fingerprint }
	if !slices.EqualFunc(got, f.list(keyNames["timestamp"]...), same) {
		t.Errorf("got %v", got)
	}
	if got := keysOf(f.Next.Root, "acme"); got != nil {
		t.Errorf("of a role that root does not know: %v", got)
	}
}
