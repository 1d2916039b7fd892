package hsm

import "testing"

// TestEvidenceOfNothing takes the worse for what a token does not tell.
func TestEvidenceOfNothing(t *testing.T) {
	got := newEvidence(attributes{}, TokenInfo{}, mechECDSA)
	got.KeyGenMechanism, got.SignMechanism = "", ""
	if want := (Evidence{Extractable: true, Modifiable: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
