package hsm

import (
	"strings"
	"testing"
)

// TestAdvisories holds the list against what its sources say of single versions.
func TestAdvisories(t *testing.T) {
	for _, tt := range []struct {
		maker, model, firmware string
		types                  []KeyType
		want                   string // source; empty: none
	}{
		{"Yubico (www.yubico.com)", "YubiKey YK5", "5.43", []KeyType{ECDSAP256}, "YSA-2024-03"},
		{"Yubico (www.yubico.com)", "YubiKey YK5", "5.43", nil, "YSA-2024-03"},
		{"Yubico (www.yubico.com)", "YubiKey YK5", "5.43", []KeyType{RSA2048}, ""},
		{"Yubico (www.yubico.com)", "YubiKey YK5", "5.70", []KeyType{ECDSAP256}, ""},
		{"Yubico (www.yubico.com)", "YubiKey YK5", "5.72", nil, ""},
		{"Yubico (www.yubico.com)", "YubiKey YK5", "", []KeyType{ECDSAP384}, "YSA-2024-03"},
		{"Yubico (www.yubico.com)", "YubiHSM", "2.32", []KeyType{ECDSAP256}, "YSA-2024-03"},
		{"Yubico (www.yubico.com)", "YubiHSM", "2.40", nil, ""},
		{"Yubico (www.yubico.com)", "YubiHSM", "2.32", []KeyType{Ed25519}, ""},
		{"Yubico (www.yubico.com)", "YubiKey YK4", "4.34", []KeyType{RSA2048}, "YSA-2017-01"},
		{"Yubico (www.yubico.com)", "YubiKey YK4", "4.34", []KeyType{ECDSAP256}, ""},
		{"Yubico (www.yubico.com)", "YubiKey YK4", "4.35", nil, ""},
		{"Yubico (www.yubico.com)", "YubiKey YK4", "4.44", []KeyType{ECDSAP256}, "YSA-2019-02"},
		{"Yubico (www.yubico.com)", "YubiKey YK4", "4.45", nil, ""},
		{"IFX", "SLB9670", "7.61", []KeyType{RSA2048}, "ADV170012"},
		{"IFX", "SLB9670", "7.85", []KeyType{RSA2048}, ""},
		{"IFX", "SLB9665", "5.62", nil, "CVE-2024-45678"},
		{"IFX", "SLB9672", "15.23", []KeyType{ECDSAP384}, "CVE-2024-45678"},
		{"IFX", "SLB9672", "15.23", []KeyType{RSA3072}, ""},
		{"STM", "", "73.8", []KeyType{ECDSAP256}, "CVE-2019-16863"},
		{"STM", "", "73.64", []KeyType{ECDSAP256}, ""},
		{"Athena Smartcard Solutions", "IDProtect", "0.0", []KeyType{ECDSAP256}, "CVE-2019-15809"},
		{"SoftHSM project", "SoftHSM v2", "2.6", []KeyType{Ed25519}, "no hardware"},
		{"IBM", "Soft", "3.8", nil, "no hardware"},
		{"SafeNet", "Luna K7", "7.4", nil, ""},
	} {
		var got []string
		for _, a := range Advisories(TokenInfo{Manufacturer: tt.maker, Model: tt.model, Firmware: tt.firmware}, tt.types) {
			got = append(got, a.Source)
		}
		if tt.want == "" && got != nil || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
			t.Errorf("%s %s %s %v: got %q, want %q", tt.maker, tt.model, tt.firmware, tt.types, got, tt.want)
		}
	}
}
