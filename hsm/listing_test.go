package hsm_test

import (
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// One slot that cannot be read is a line of its own; the others work.
func TestHabitOneBadSlot(t *testing.T) {
	for ckr, name := range map[string]string{
		"E0": "CKR_TOKEN_NOT_PRESENT", "E1": "CKR_TOKEN_NOT_RECOGNIZED", "30": "CKR_DEVICE_ERROR", "6": "CKR_FUNCTION_FAILED", "5": "CKR_GENERAL_ERROR",
	} {
		t.Run(name, func(t *testing.T) {
			g := habitual(t, hsm.Ed25519, "slot "+ckr)
			listing, err := hsm.Tokens(t.Context(), g.module)
			if err != nil || len(listing.Tokens) != 2 || listing.Tokens[0].Label != "officer-1" || len(listing.Faults) != 1 {
				t.Fatalf("got %+v, %v", listing, err)
			}
			if bad := listing.Faults[0]; bad.Slot != 0x7777 || bad.Err.Call != "C_GetTokenInfo" || bad.Err.CKR != name+" (0x"+ckr+")" {
				t.Errorf("got slot %x: %v", bad.Slot, bad.Err)
			}
			if err := g.ceremony(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := hsm.InitToken(t.Context(), g.module, hsm.InitTarget{}, "new", []byte(hsmtest.SOPIN), []byte(g.pin)); err != nil {
				t.Error(err)
			}
			_, err = hsm.Open(t.Context(), g.module, hsm.URI{Token: "other"})
			wantError(t, err, hsm.ErrTokenNotFound, "slot 30583 cannot be read ("+name)
			wantError(t, err, hsm.ErrTokenNotFound, "token=officer-1")
			wantHint(t, err, "into its slot again")
		})
	}
}

// A person who is waited for sees which slot cannot be read.
func TestHabitBadSlotWhileWaiting(t *testing.T) {
	m := hsmtest.Module(t)
	var shown []hsm.Listing
	found, err := hsm.WaitForToken(t.Context(), withHabit(t, m, "slot 30"), hsm.URI{Token: "officer-1"}, func(present hsm.Listing) {
		shown = append(shown, present)
		hsmtest.AddToken(t, m, "officer-1")
	})
	if err != nil || found.Label != "officer-1" || len(shown) != 1 || len(shown[0].Faults) != 1 {
		t.Errorf("got %+v, %v, after %+v", found, err, shown)
	}
}
