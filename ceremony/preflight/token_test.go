package preflight

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
)

func TestPresent(t *testing.T) {
	for _, tt := range []struct {
		info    hsm.TokenInfo
		verdict transcript.Verdict
		says    string
		remarks string
	}{
		{hsm.TokenInfo{LoginRequired: true, UserPINSet: true, UserPIN: hsm.PINOK}, transcript.Pass, "token a shows no wrong user PIN", ""},
		{hsm.TokenInfo{LoginRequired: true, UserPIN: hsm.PINOK}, transcript.Pass, "token a", "; it does not show that a user PIN was set"},
		{hsm.TokenInfo{UserPIN: hsm.PINOK}, transcript.Warn, "wants no PIN", ""},
		{hsm.TokenInfo{LoginRequired: true, UserPINSet: true, UserPIN: hsm.PINCountLow}, transcript.Warn, "(count-low)", ""},
		{hsm.TokenInfo{LoginRequired: true, UserPINSet: true, UserPIN: hsm.PINFinalTry, WriteProtected: true}, transcript.Fail, "one try of its user PIN left", "; write-protected: it may neither make nor destroy keys"},
		{hsm.TokenInfo{LoginRequired: true, UserPINSet: true, UserPIN: hsm.PINLocked}, transcript.Fail, "the user PIN of token a is locked", ""},
	} {
		tt.info.Serial, tt.info.Model, tt.info.Firmware = "12", "box", "1.0"
		r := &Report{}
		r.present("a", tt.info)
		r.wantLine(t, tt.verdict, CheckPIN, tt.says)
		r.wantLine(t, transcript.Pass, CheckToken, "serial 12, box, firmware 1.0"+tt.remarks)
	}
}

// TestAdvisories names tokens with one weakness together, for the types of keys that
// they hold. A weakness that gives keys away fails.
func TestAdvisories(t *testing.T) {
	types := map[string][]hsm.KeyType{"a": {hsm.ECDSAP256}, "b": {hsm.ECDSAP384}, "c": {hsm.RSA3072}, "d": {hsm.RSA3072}}
	w := &warnings{types: func(token string) []hsm.KeyType { return types[token] }}
	for name, info := range map[string]hsm.TokenInfo{"c": {Model: "YubiKey YK5", Firmware: "5.43"}} {
		w.look(name, info)
	}
	r := &Report{}
	r.pass(CheckToken, "c", "here")
	w.report(r)
	r.wantLine(t, transcript.Pass, CheckAdvisory, "no weakness is known")
	w.look("a", hsm.TokenInfo{Model: "YubiKey YK5", Firmware: "5.43"})
	w.look("b", hsm.TokenInfo{Model: "YubiKey YK5", Firmware: "5.27"})
	w.look("d", hsm.TokenInfo{Model: "YubiKey YK4", Firmware: "4.34"})
	w.report(r)
	r.wantLine(t, transcript.Fail, CheckAdvisory, "token d: RSA keys")
	r.wantLine(t, transcript.Warn, CheckAdvisory, "tokens a, b: ECDSA keys")
}
