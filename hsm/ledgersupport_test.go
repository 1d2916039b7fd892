package hsm_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestLedgerSupport(t *testing.T) {
	for _, test := range []struct {
		library, manufacturer, model string
		want                         hsm.LedgerSupport
	}{
		{"SoftHSM", "SoftHSM project", "SoftHSM v2", hsm.LedgerSupport{Holds: true, Genesis: true}},
		{"PKCS#11 Kit", "SoftHSM project", "SoftHSM v2", hsm.LedgerSupport{Holds: true, Genesis: true}},
		{"Kryoptic", "Kryoptic Project", "v1", hsm.LedgerSupport{Holds: true, Genesis: true}},
		{"tpm2-software.github.io", "IBM", "SW   TPM", hsm.LedgerSupport{Holds: true}},
		{"OpenSC Project", "Aventra Ltd.", "PKCS#15", hsm.LedgerSupport{Holds: true, Wears: true}},
		{"OpenSC Project", "piv_II", "PKCS#15 emulated", hsm.LedgerSupport{Reason: "PIV"}},
		{"OpenSC Project", "OpenPGP project", "PKCS#15 emulated", hsm.LedgerSupport{Reason: "nobody has measured"}},
		{"IBM", "IBM Corp.", "IBM SoftTok", hsm.LedgerSupport{Reason: "openCryptoki"}},
		{"Mozilla Foundation", "Mozilla Foundation", "NSS 3", hsm.LedgerSupport{Reason: "NSS"}},
		{"Yubico (www.yubico.com)", "Yubico (www.yubico.com)", "YubiKey YK5", hsm.LedgerSupport{Reason: "ykcs11"}},
		{"Nitrokey", "Nitrokey", "NetHSM", hsm.LedgerSupport{Reason: "NetHSM"}},
		{"Somebody", "IBM", "SW   TPM", hsm.LedgerSupport{Reason: "nobody has measured"}},
		{"", "", "", hsm.LedgerSupport{Reason: "nobody has measured"}},
	} {
		got := hsm.TokenInfo{Library: test.library, Manufacturer: test.manufacturer, Model: test.model}.Ledger()
		if got.Holds != test.want.Holds || got.Genesis != test.want.Genesis || got.Wears != test.want.Wears || !strings.Contains(got.Reason, test.want.Reason) || got.Holds != (got.Reason == "") {
			t.Errorf("%s, %s, %s: got %+v, want %+v", test.library, test.manufacturer, test.model, got, test.want)
		}
	}
}

// A module that is not in the table is never asked for a data object.
func TestNoLedgerOnAModuleThatNobodyMeasured(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519), filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "C_GetTokenInfo 0 after stranger", log)
	g.uri = hsm.URI{Token: g.uri.Token}
	token := g.open(t)
	defer token.Close()
	_, err := token.Ledger(t.Context())
	wantError(t, err, hsm.ErrUnsupported, "nobody has measured")
	wantError(t, token.CreateLedgerRecords(t.Context(), aRecord(1, 1)), hsm.ErrUnsupported, "nobody has measured")
	if calls := countCalls(t, log); calls["C_CreateObject"]+calls["C_FindObjects"] > 0 {
		t.Errorf("calls: %v", calls)
	}
}
