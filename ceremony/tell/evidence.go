package tell

import (
	"strings"

	"github.com/uptane/keyrite/hsm"
)

// Evidence is what a token says about a private key, in plain language. What a
// token does not tell counts as the worse value (see [hsm.Evidence]).
func Evidence(e hsm.Evidence) string {
	made, hidden := "NOT known to be made on this token", "NOT known to have been hidden always"
	if e.Local {
		made = "made on this token"
	}
	if e.Sensitive && e.AlwaysSensitive {
		hidden = "never shown in the clear"
	}
	parts := []string{made, hidden, leaves(e)}
	if e.Modifiable {
		parts = append(parts, "whoever has the PIN can change what the token says of it")
	}
	if e.KeyGenMechanism != "" {
		parts = append(parts, "made by "+e.KeyGenMechanism)
	}
	return strings.Join(append(parts, "signs by "+e.SignMechanism), ", ")
}

// leaves says whether the private key can leave its token.
func leaves(e hsm.Evidence) string {
	switch {
	case !e.Extractable && e.NeverExtractable:
		return "can never leave it, and never could"
	case !e.Extractable:
		return "cannot leave it now, but perhaps could once"
	case e.WrapWithTrusted:
		return "can leave it only wrapped under a key that the security officer trusts"
	}
	return "CAN LEAVE IT"
}
