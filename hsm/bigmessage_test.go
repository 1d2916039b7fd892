package hsm_test

import (
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestMessageOfAMillionImages signs as many bytes as a targets file of a million images
// has: a helper's memory is bounded, but not below that.
func TestMessageOfAMillionImages(t *testing.T) {
	key := hsmtest.Generate(t, hsmtest.Open(t, "release"), "targets-a", hsm.Ed25519)
	if _, err := key.Sign(t.Context(), make([]byte, 340<<20)); err != nil {
		t.Fatal(err)
	}
}
