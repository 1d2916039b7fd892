package hsm

import (
	"slices"
	"strings"
	"testing"
)

// TestFacts says in sentences what a token can do.
func TestFacts(t *testing.T) {
	keys := []KeyCapability{{Type: Ed25519, Generate: true, Sign: "CKM_EDDSA"}, {Type: ECDSAP256, Generate: true, Sign: "CKM_ECDSA"},
		{Type: ECDSAP384, Sign: "CKM_ECDSA"}, {Type: RSA3072, Generate: true, Sign: "CKM_RSA", Unclear: "x"}, {Type: RSA4096, Generate: true}}
	full := Report{"officer-1", TokenInfo{Module: "safe", Label: "o1", Serial: "12", Model: "SoftHSM v2", Manufacturer: "SoftHSM project", Firmware: "2.6", LoginRequired: true, MinPIN: 4, MaxPIN: 8, UserPIN: PINOK},
		Capabilities{Keys: keys, Mechanisms: []string{"CKM_AES_KEY_WRAP_PAD"}}, ""}
	poor := Report{Name: "nss", Token: TokenInfo{Manufacturer: "Mozilla Foundation", WriteProtected: true}}
	for _, tt := range []struct {
		report Report
		want   []Fact
	}{
		{full, []Fact{{"token", "officer-1: label o1, serial 12"}, {"is", "SoftHSM v2 of SoftHSM project, firmware 2.6, behind module safe"},
			{"PIN", "4 to 8 characters; state ok"},
			{"can", "It makes keys and signs with ed25519 and ecdsa-p256; it only signs with ecdsa-p384; it may make keys and sign with rsa-3072. " +
				"What it says of a key is evidence that nobody can change. It remembers what its keys signed. Keys that are made for it can leave it for a backup, wrapped."}}},
		{poor, []Fact{{"token", "nss: label , serial "}, {"is", " of Mozilla Foundation, firmware , behind module "}, {"PIN", "the token wants none"},
			{"state", "write-protected: keys can be used, and neither made nor destroyed"},
			{"can", "It has no key type that keyrite signs with. It gives no evidence of its keys: only roles whose policy wants none take them. " +
				"It remembers nothing of what its keys signed (NSS keeps no data objects). No key can leave it for a backup."}}},
	} {
		if got := tt.report.Facts(); !slices.Equal(got, tt.want) {
			t.Errorf("got\n%q\nwant\n%q", got, tt.want)
		}
	}
	for want, info := range map[string]TokenInfo{
		"typed on the token; state locked":                   {LoginRequired: true, ProtectedPath: true, UserPIN: PINLocked},
		"of a length that the token does not say; state low": {LoginRequired: true, UserPIN: "low"},
		"at most 8 characters; state final-try":              {LoginRequired: true, MaxPIN: 8, UserPIN: PINFinalTry},
	} {
		if got := info.pinFact(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for want, info := range map[string]TokenInfo{
		"can be changed by whoever has the PIN": {Library: "tpm2-software.github.io"},
		"shows when the first one is made":      {},
	} {
		if got := info.measured().evidence.fact(); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	wears := TokenInfo{Library: "OpenSC Project", Manufacturer: "Aventra Ltd."}
	if got := wears.ledgerFact(); !strings.Contains(got, "but for timestamps") {
		t.Errorf("got %q", got)
	}
}
