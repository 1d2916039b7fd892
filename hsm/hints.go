// What a person can do about an error. A hint is true wherever it stands: what
// only a ceremony does is said of a ceremony.

package hsm

import "github.com/miekg/pkcs11"

// hints tell people what to do about a kind of error.
var hints = map[error]string{
	ErrModule:        "check path, sha256 and env of the module in site.yaml; `keyrite token module add PATH` writes what a module needs",
	ErrStart:         "see that its service runs, and that env of the module in site.yaml has the variables which its manual names",
	ErrTokenNotFound: "insert the token, or compare its serial with `keyrite token list` and site.yaml",
	ErrTokenRemoved:  "insert the token again and run the same command again; a ceremony goes on where it stopped",
	ErrAmbiguous:     "add serial=… to the pkcs11: URI in site.yaml",
	ErrBusy:          "let the other keyrite finish, or end it",
	ErrTimeout:       "check the token's cable and power; a longer one is timeout: below the module in site.yaml",
	ErrCrashed:       "run the same command again; a ceremony goes on where it stopped. If it crashes again, ask the module's vendor",
	ErrPINIncorrect:  "keyrite never tries a PIN twice by itself; check which token this is before you type again",
	ErrPINLocked:     "the security officer can set a new user PIN with the token's own tool",
	ErrPINFinalTry:   "a wrong PIN now locks the token; try the PIN with care, and say so in words to spend the last try",
	ErrPINInvalid:    "the token's manual says which lengths and characters it takes",
	ErrNotLoggedIn:   "the token has lost the login, as after a moment without power; run the same command again",
	ErrUnsupported:   "`keyrite token info` lists what the token can do",
	ErrSignature:     "do not use this token until its vendor has explained it; nothing was written",
	ErrSpent:         "run the same command again; a ceremony goes on where it stopped",
	ErrReadOnly:      "the token lists and signs as it is; to make or destroy keys, take its write protection off with its switch or its own tool",
	ErrFailed:        "the token says no more; its own tool or log may. A ceremony that is run again goes on where it stopped",
}

// ckrHints are for answers of which more is known than of their kind. PKCS#11 v3.0
// §5.1.
var ckrHints = map[pkcs11.Error]string{
	pkcs11.CKR_PIN_EXPIRED:                    "the token wants a new PIN before it lets anybody in; set one with its own tool",
	pkcs11.CKR_PIN_LEN_RANGE:                  "the PIN is shorter or longer than the token takes; its manual says how long one is",
	pkcs11.CKR_PIN_INVALID:                    "the PIN has characters that the token does not take; its manual says which",
	pkcs11.CKR_PIN_TOO_WEAK:                   "the token finds the PIN too easy to guess; choose another",
	pkcs11.CKR_USER_PIN_NOT_INITIALIZED:       "the security officer sets the first user PIN with the token's own tool; `keyrite token init` does so for an empty token",
	pkcs11.CKR_USER_TYPE_INVALID:              "the token has no such user, or does not let this one in through PKCS#11; its manual says which roles it has",
	pkcs11.CKR_USER_ANOTHER_ALREADY_LOGGED_IN: "somebody else is logged in to the token; end the other program",
	pkcs11.CKR_SESSION_COUNT:                  "other programs hold all sessions of the token; end them and run the same command again",
	pkcs11.CKR_DEVICE_MEMORY:                  "the token is full; destroy a key that nothing trusts, or take another token",
	pkcs11.CKR_HOST_MEMORY:                    "the module got no more memory from this machine",
	pkcs11.CKR_CURVE_NOT_SUPPORTED:            "the token does not have this curve; `keyrite token info` lists the key types that it has",
}

// hint returns what a person can do about a fault of this kind.
func (w *wireFault) hint(kind error) string {
	if w.Hint != "" {
		return w.Hint
	}
	if hint, ok := ckrHints[pkcs11.Error(w.CKR)]; ok {
		return hint
	}
	return hints[kind]
}
