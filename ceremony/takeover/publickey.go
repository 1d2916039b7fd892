package takeover

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/uptane/keyrite/roles"
)

// parsePublic reads a public key in PEM, or as tools of OTA Community Edition keep
// one: {"keytype":"RSA","keyval":{"public":"-----BEGIN …"}}.
func parsePublic(data []byte) (crypto.PublicKey, error) {
	text := bytes.TrimSpace(data)
	if bytes.HasPrefix(text, []byte("{")) {
		var key struct {
			KeyVal struct {
				Public string `json:"public"`
			} `json:"keyval"`
		}
		if err := json.Unmarshal(text, &key); err != nil {
			return nil, err
		}
		text = []byte(key.KeyVal.Public)
	}
	if bytes.HasPrefix(text, []byte("-----")) {
		return roles.ParsePEM(text)
	}
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("want PEM, or an Ed25519 key of %d hexadecimal digits", 2*ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(raw), nil
}

// isPrivate finds a private key in a file that should hold a public one.
func isPrivate(data []byte) bool {
	if bytes.Contains(data, []byte("PRIVATE KEY")) {
		return true
	}
	var key struct {
		KeyVal struct {
			Private string `json:"private"`
		} `json:"keyval"`
	}
	return json.Unmarshal(data, &key) == nil && key.KeyVal.Private != ""
}
