// Which tokens keep a ledger of their signatures, and give evidence: a table of what
// was measured, never a probe. What a probe leaves behind may stay for ever, and some modules lose a
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
func (t TokenInfo) Ledger() LedgerSupport { return t.measured().support }

// measured is the first row of the table that fits.
func (t TokenInfo) measured() measuredToken {
	for _, row := range measuredTokens {
		same := func(want, got string) bool { return want == "" || want == got }
		if same(row.library, t.Library) && same(row.manufacturer, t.Manufacturer) && same(row.model, t.Model) {
			return row
		}
	}
	return measuredToken{support: LedgerSupport{Reason: "nobody has measured whether this module keeps data objects safely"}}
}

// measuredToken is a kind of token by what C_GetInfo and C_GetTokenInfo say; "" is
// for any.
type measuredToken struct {
	library, manufacturer, model string // of the module; of the token; of the token

	evidence evidenceKind
	support  LedgerSupport
}

// measuredTokens has the kinds of which something is known.
//
// CKA_DESTROYABLE=false (PKCS#11 v3.0 §4.4) holds where genesis is true, and only
// together with MODIFIABLE=false and COPYABLE=false.
var measuredTokens = []measuredToken{
	{"", "SoftHSM project", "SoftHSM v2", fixedEvidence, LedgerSupport{Holds: true, Genesis: true}},
	{"", "Kryoptic Project", "", unmeasuredEvidence, LedgerSupport{Holds: true, Genesis: true}},
	{"tpm2-software.github.io", "", "", changeableEvidence, LedgerSupport{Holds: true}},
	{"OpenSC Project", "Aventra Ltd.", "", noneEvidence, LedgerSupport{Holds: true, Wears: true}},
	{"OpenSC Project", "piv_II", "", unmeasuredEvidence, LedgerSupport{Reason: "PIV cards have no place for data objects"}},
	{"", "IBM Corp.", "", fixedEvidence, LedgerSupport{Reason: "openCryptoki writes its token file in place: killed at the wrong moment, the whole token is gone"}},
	{"", "Mozilla Foundation", "", noneEvidence, LedgerSupport{Reason: "NSS keeps no data objects"}},
	{"", "Yubico (www.yubico.com)", "", unmeasuredEvidence, LedgerSupport{Reason: "ykcs11 keeps no data objects"}},
	{"", "Nitrokey", "NetHSM", unmeasuredEvidence, LedgerSupport{Reason: "NetHSM keeps no data objects"}},
}
