// Evidence is what a token says about how a private key was made and what may
// be done with it. It is read back after generation and recorded, because a
// template is a wish and some modules grant less. PKCS#11 v3.0 §4.9.

package hsm

import (
	"fmt"

	"github.com/miekg/pkcs11"
)

// Evidence is what a token says about a private key. A property that the token
// does not tell is recorded as the worse value.
//
// It is as good as the token: where Modifiable is true (tpm2-pkcs11), whoever
// holds the PIN can change what the token says.
type Evidence struct {
	Local            bool   `json:"local" yaml:"local"` // made on this token, not brought in
	Sensitive        bool   `json:"sensitive" yaml:"sensitive"`
	AlwaysSensitive  bool   `json:"always-sensitive" yaml:"always-sensitive"`
	Extractable      bool   `json:"extractable" yaml:"extractable"`
	NeverExtractable bool   `json:"never-extractable" yaml:"never-extractable"`
	WrapWithTrusted  bool   `json:"wrap-with-trusted" yaml:"wrap-with-trusted"` // leaves only under a wrapping key that the security officer trusts
	Modifiable       bool   `json:"modifiable" yaml:"modifiable"`
	PINEachTime      bool   `json:"pin-each-time" yaml:"pin-each-time"`         // wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE), as that of PIV slot 9c does
	KeyGenMechanism  string `json:"key-gen-mechanism" yaml:"key-gen-mechanism"` // "" when the token does not tell
	SignMechanism    string `json:"sign-mechanism" yaml:"sign-mechanism"`       // what keyrite signs with
	Template         string `json:"template" yaml:"template"`                   // locked, strict, portable or restored; "" when the key was found

	TokenModel        string `json:"token-model" yaml:"token-model"`
	TokenManufacturer string `json:"token-manufacturer" yaml:"token-manufacturer"`
	TokenFirmware     string `json:"token-firmware" yaml:"token-firmware"`
}

// evidenceAttributes are the attributes that newEvidence looks at.
var evidenceAttributes = []uint{
	pkcs11.CKA_LOCAL, pkcs11.CKA_SENSITIVE, pkcs11.CKA_ALWAYS_SENSITIVE, pkcs11.CKA_EXTRACTABLE,
	pkcs11.CKA_NEVER_EXTRACTABLE, pkcs11.CKA_WRAP_WITH_TRUSTED, pkcs11.CKA_MODIFIABLE, pkcs11.CKA_KEY_GEN_MECHANISM,
	pkcs11.CKA_ALWAYS_AUTHENTICATE,
}

// newEvidence judges the attributes of a private key object.
func newEvidence(a attributes, token TokenInfo, sign mechanism) Evidence {
	e := Evidence{
		Local:            a.flag(pkcs11.CKA_LOCAL, false),
		Sensitive:        a.flag(pkcs11.CKA_SENSITIVE, false),
		AlwaysSensitive:  a.flag(pkcs11.CKA_ALWAYS_SENSITIVE, false),
		Extractable:      a.flag(pkcs11.CKA_EXTRACTABLE, true),
		NeverExtractable: a.flag(pkcs11.CKA_NEVER_EXTRACTABLE, false),
		WrapWithTrusted:  a.flag(pkcs11.CKA_WRAP_WITH_TRUSTED, false),
		Modifiable:       a.flag(pkcs11.CKA_MODIFIABLE, true),
		PINEachTime:      a.flag(pkcs11.CKA_ALWAYS_AUTHENTICATE, false),
		SignMechanism:    sign.String(),

		TokenModel:        token.Model,
		TokenManufacturer: token.Manufacturer,
		TokenFirmware:     token.Firmware,
	}
	if m := a.number(pkcs11.CKA_KEY_GEN_MECHANISM); m != pkcs11.CK_UNAVAILABLE_INFORMATION {
		e.KeyGenMechanism = mechanismName(m)
	}
	return e
}

// protection says how well the key is kept, in an error.
func (e Evidence) protection() string {
	return fmt.Sprintf("sensitive: %v, extractable: %v, wrapped by trusted keys only: %v", e.Sensitive, e.Extractable, e.WrapWithTrusted)
}

// wantedProtection is the protection of a key that was asked for.
func wantedProtection(backup bool) string {
	return Evidence{Sensitive: true, Extractable: backup, WrapWithTrusted: backup}.protection()
}
