// Proof of possession: a key signs a statement about itself, so that a public
// key in a file is known to have a private key behind it. The statement begins
// with a NUL byte: neither JSON nor YAML can, so that no proof is ever metadata.

package hsm

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"
)

// Proof is a proof of possession. It covers the name that the key has in the
// workspace, the public key, the serial number of the token and the time.
type Proof struct {
	Time        time.Time `json:"time" yaml:"time"` // UTC, whole seconds
	TokenSerial string    `json:"token-serial" yaml:"token-serial"`
	Signature   string    `json:"signature" yaml:"signature"` // base64, in the form of Key.Sign
}

// Prove signs a proof of possession of the key that is called name.
func (k *Key) Prove(ctx context.Context, name string, now time.Time) (Proof, error) {
	p := Proof{Time: now.UTC().Truncate(time.Second), TokenSerial: k.token.info.Serial}
	message, err := p.message(name, k.pub)
	if err != nil {
		return Proof{}, k.process.errorf(ErrUsage, "%v", err)
	}
	signature, err := k.Sign(ctx, message)
	if err != nil {
		return Proof{}, err
	}
	p.Signature = base64.StdEncoding.EncodeToString(signature)
	return p, nil
}

// Verify checks the proof for a public key and its name, from public data only.
// A record that was given another name does not verify: nobody can have one key
// sign in the place of another by renaming a file.
func (p Proof) Verify(name string, pub crypto.PublicKey) error {
	message, err := p.message(name, pub)
	if err != nil {
		return newError("", "", ErrProof, "%v", err)
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(p.Signature)
	if err != nil {
		return newError("", "", ErrProof, "signature: %v", err)
	}
	if err := verify(pub, message, signature); err != nil {
		return newError("", "", ErrProof, "%v", err)
	}
	return nil
}

// message returns what is signed: a domain, then lines that cannot run into one
// another because name and serial are quoted.
func (p Proof) message(name string, pub crypto.PublicKey) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "\x00keyrite proof of possession v2\x00\nkey %q\nspki sha256:%x\ntoken %q\ntime %s\n",
		name, sha256.Sum256(spki), p.TokenSerial, p.Time.UTC().Format(time.RFC3339)), nil
}
