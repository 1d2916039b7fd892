// Which tokens keep a ledger of their signatures: a table of what was measured,
// never a probe. What a probe leaves behind may stay for ever, and some modules lose a
// key or a whole token over a data object.

package hsm

// LedgerSupport says whether a token can remember what it signed.
type LedgerSupport struct {
	Holds   bool   `json:"holds" yaml:"holds"`
	Wears   bool   `json:"wears" yaml:"wears"`                       // its flash is not for a record a minute
	Genesis bool   `json:"genesis" yaml:"genesis"`                   // an object that says so can never be destroyed
	Reason  string `json:"reason,omitempty" yaml:"reason,omitempty"` // why it holds none
}

// Ledger looks the token up in the table of measured modules.
func (t TokenInfo) Ledger() LedgerSupport {
	for _, row := range ledgerTable {
		same := func(want, got string) bool { return want == "" || want == got }
		if same(row.library, t.Library) && same(row.manufacturer, t.Manufacturer) && same(row.model, t.Model) {
			return row.support
		}
	}
	return LedgerSupport{Reason: "nobody has measured whether this module keeps data objects safely"}
}

// ledgerTable has the measured modules by what C_GetInfo and C_GetTokenInfo say;
// "" is for any. The first row that fits counts.
//
// CKA_DESTROYABLE=false (PKCS#11 v3.0 §4.4) holds where genesis is true, and only
// together with MODIFIABLE=false and COPYABLE=false.
var ledgerTable = []struct {
	library, manufacturer, model string // of the module; of the token; of the token
	support                      LedgerSupport
}{
	{"", "SoftHSM project", "SoftHSM v2", LedgerSupport{Holds: true, Genesis: true}},
	{"", "Kryoptic Project", "", LedgerSupport{Holds: true, Genesis: true}},
	{"tpm2-software.github.io", "", "", LedgerSupport{Holds: true}},
	{"OpenSC Project", "Aventra Ltd.", "", LedgerSupport{Holds: true, Wears: true}},
	{"OpenSC Project", "piv_II", "", LedgerSupport{Reason: "PIV cards have no place for data objects"}},
	{"", "IBM Corp.", "", LedgerSupport{Reason: "openCryptoki writes its token file in place: killed at the wrong moment, the whole token is gone"}},
	{"", "Mozilla Foundation", "", LedgerSupport{Reason: "NSS keeps no data objects"}},
	{"", "Yubico (www.yubico.com)", "", LedgerSupport{Reason: "ykcs11 keeps no data objects"}},
	{"", "Nitrokey", "NetHSM", LedgerSupport{Reason: "NetHSM keeps no data objects"}},
}
