// What a token says about itself, and how many PIN tries it has left.
// PKCS#11 v3.0 §3.2, CK_TOKEN_INFO.

package hsm

import (
	"fmt"

	"github.com/miekg/pkcs11"
)

// TokenInfo is what a token says about itself.
type TokenInfo struct {
	Module       string `json:"module" yaml:"module"` // name of the module, as in site.yaml
	Slot         uint   `json:"slot" yaml:"slot"`     // changes between processes: to look at, never to select by
	Label        string `json:"label" yaml:"label"`
	Serial       string `json:"serial" yaml:"serial"`
	Model        string `json:"model" yaml:"model"`
	Manufacturer string `json:"manufacturer" yaml:"manufacturer"`
	Firmware     string `json:"firmware" yaml:"firmware"` // major.minor
	Library      string `json:"library" yaml:"library"`   // manufacturer of the module itself

	Initialized   bool `json:"initialized" yaml:"initialized"`
	UserPINSet    bool `json:"user-pin-set" yaml:"user-pin-set"`
	LoginRequired bool `json:"login-required" yaml:"login-required"`
	ProtectedPath bool `json:"protected-path" yaml:"protected-path"` // PINs are typed on the token itself

	WriteProtected bool `json:"write-protected" yaml:"write-protected"` // by its own word, or since it gives only sessions that read

	UserPIN PINState `json:"user-pin,omitempty" yaml:"user-pin"`
	SOPIN   PINState `json:"so-pin,omitempty" yaml:"so-pin"`
	MinPIN  uint     `json:"min-pin" yaml:"min-pin"` // bytes; 0 when the token does not say
	MaxPIN  uint     `json:"max-pin" yaml:"max-pin"`
}

// PINState is what the token's flags say about the tries that are left. Some
// tokens never set these flags: "ok" is no promise.
type PINState string

// Every PINState, from good to bad.
const (
	PINOK       PINState = "ok"
	PINCountLow PINState = "count-low" // a wrong PIN was given since the last right one
	PINFinalTry PINState = "final-try" // one more wrong PIN locks it
	PINLocked   PINState = "locked"
)

func pinState(flags, low, final, locked uint) PINState {
	switch {
	case flags&locked != 0:
		return PINLocked
	case flags&final != 0:
		return PINFinalTry
	case flags&low != 0:
		return PINCountLow
	}
	return PINOK
}

// newTokenInfo translates CK_TOKEN_INFO.
func newTokenInfo(slot uint, ck pkcs11.TokenInfo) TokenInfo {
	minPIN, maxPIN := pinLengths(ck.MinPinLen, ck.MaxPinLen)
	return TokenInfo{
		MinPIN: minPIN, MaxPIN: maxPIN,

		Slot:         slot,
		Label:        unpadded(ck.Label),
		Serial:       unpadded(ck.SerialNumber),
		Model:        unpadded(ck.Model),
		Manufacturer: unpadded(ck.ManufacturerID),
		Firmware:     fmt.Sprintf("%d.%d", ck.FirmwareVersion.Major, ck.FirmwareVersion.Minor),

		Initialized:    ck.Flags&pkcs11.CKF_TOKEN_INITIALIZED != 0,
		UserPINSet:     ck.Flags&pkcs11.CKF_USER_PIN_INITIALIZED != 0,
		LoginRequired:  ck.Flags&pkcs11.CKF_LOGIN_REQUIRED != 0,
		ProtectedPath:  ck.Flags&pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH != 0,
		WriteProtected: ck.Flags&pkcs11.CKF_WRITE_PROTECTED != 0,

		UserPIN: pinState(ck.Flags, pkcs11.CKF_USER_PIN_COUNT_LOW, pkcs11.CKF_USER_PIN_FINAL_TRY,
			pkcs11.CKF_USER_PIN_LOCKED),
		SOPIN: pinState(ck.Flags, pkcs11.CKF_SO_PIN_COUNT_LOW, pkcs11.CKF_SO_PIN_FINAL_TRY, pkcs11.CKF_SO_PIN_LOCKED),
	}
}

// String names the token for people, as in "officer-1 (serial 8a3f)".
func (t TokenInfo) String() string {
	label := t.Label
	if label == "" {
		label = "without label"
	}
	if t.Serial == "" {
		return label
	}
	return label + " (serial " + t.Serial + ")"
}

// URI returns the most exact URI of this token.
func (t TokenInfo) URI() URI {
	return URI{Token: t.Label, Serial: t.Serial, Model: t.Model, Manufacturer: t.Manufacturer}
}

// sameToken reports whether both describe one token.
func sameToken(a, b TokenInfo) bool { return a.URI() == b.URI() }
