package witness

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Key is a witness's public key, spelled as OpenSSH spells it on one line: also where
// its private half is on a PKCS#11 token.
type Key struct{ public ssh.PublicKey }

// minRSA is the shortest modulus of an RSA key, in bits.
const minRSA = 2048

// ParseKey reads `TYPE BASE64`; a comment may follow, as in a .pub file.
func ParseKey(line string) (Key, error) {
	public, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	switch {
	case err != nil:
		return Key{}, fmt.Errorf("not a public key as OpenSSH spells it: %w", err)
	case len(options) > 0 || len(strings.TrimSpace(string(rest))) > 0:
		return Key{}, fmt.Errorf("want one public key and nothing before or after it")
	}
	switch public.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
	case ssh.KeyAlgoRSA:
		if k, ok := cryptoKey(public).(*rsa.PublicKey); !ok || k.N.BitLen() < minRSA {
			return Key{}, fmt.Errorf("RSA key of too few bits, want at least %d", minRSA)
		}
	default:
		return Key{}, fmt.Errorf("key is of type %s, want Ed25519, ECDSA of P-256 or P-384, or RSA", public.Type())
	}
	return Key{public}, nil
}

// KeyOf is the key of a token.
func KeyOf(public crypto.PublicKey) (Key, error) {
	k, err := ssh.NewPublicKey(public)
	if err != nil {
		return Key{}, err
	}
	return ParseKey(string(ssh.MarshalAuthorizedKey(k)))
}

// String is the key as ParseKey reads it, without a comment.
func (k Key) String() string {
	if k.public == nil {
		return ""
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k.public)))
}

// Fingerprint is what ssh-keygen -l shows.
func (k Key) Fingerprint() string { return ssh.FingerprintSHA256(k.public) }

// Short tells keys apart in the names of files.
func (k Key) Short() string {
	sum := sha256.Sum256(k.public.Marshal())
	return hex.EncodeToString(sum[:8])
}

// Public is the key as package crypto knows it; nil for one that only OpenSSH does.
func (k Key) Public() crypto.PublicKey { return cryptoKey(k.public) }

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is ParseKey.
func (k *Key) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKey(string(text))
	return err
}

func cryptoKey(public ssh.PublicKey) crypto.PublicKey {
	if k, ok := public.(ssh.CryptoPublicKey); ok && !strings.HasPrefix(public.Type(), "sk-") {
		return k.CryptoPublicKey()
	}
	return nil
}
