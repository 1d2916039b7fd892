package hsm_test

import (
	"context"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestWaitForTokenSeesItArrive(t *testing.T) {
	m := hsmtest.Module(t)
	var shown []hsm.Listing
	found, err := hsm.WaitForToken(t.Context(), m, hsm.URI{Token: "officer-2"}, func(present hsm.Listing) {
		shown = append(shown, present)
		hsmtest.AddToken(t, m, []string{"officer-1", "officer-2"}[len(shown)-1])
	})
	if err != nil || found.Label != "officer-2" || found.Serial == "" {
		t.Fatalf("got %+v, %v", found, err)
	}
	if len(shown) != 2 || len(shown[0].Tokens) != 1 || len(shown[1].Tokens) != 2 {
		t.Errorf("shown: %+v", shown)
	}
}

func TestWaitForTokenGivesUp(t *testing.T) {
	m := hsmtest.Module(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := hsm.WaitForToken(ctx, m, hsm.URI{Serial: "123"}, func(hsm.Listing) { cancel() }) // who waits has seen what is there
	wantError(t, err, hsm.ErrCanceled, "serial=123")

	a, b := hsmtest.AddToken(t, m, "officer-1"), hsmtest.AddToken(t, m, "officer-2")
	_, err = hsm.WaitForToken(t.Context(), m, hsm.URI{Model: a.Model}, func(hsm.Listing) {})
	wantError(t, err, hsm.ErrAmbiguous, b.Serial)

	m.Path = "/nowhere.so"
	_, err = hsm.WaitForToken(t.Context(), m, a, func(hsm.Listing) {})
	wantError(t, err, hsm.ErrModule, "no such file")
}
