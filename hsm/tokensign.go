// Signing in the helper: one C_SignInit and one C_Sign, with the one mechanism
// that was chosen for the key.

package hsm

import (
	"crypto"
	"crypto/rsa"

	"github.com/miekg/pkcs11"
)

// choose returns the mechanism for a key type: the first that the token offers.
func (t *openToken) choose(kind KeyType) (mechanism, error) {
	if err := t.loadMechanisms(); err != nil {
		return 0, err
	}
	for _, m := range kind.mechanisms() {
		if t.mechanisms[uint(m)] {
			return m, nil
		}
	}
	return 0, faultf(ErrUnsupported, "the token does not sign with %s keys; want %v", kind, kind.mechanisms())
}

// loadMechanisms asks the token what it offers, once.
func (t *openToken) loadMechanisms() error {
	if t.mechanisms != nil {
		return nil
	}
	list, err := t.raw.GetMechanismList(t.slot)
	if err != nil {
		return failed("C_GetMechanismList", err)
	}
	t.mechanisms = map[uint]bool{}
	for _, m := range list {
		t.mechanisms[m.Mechanism] = true
	}
	return nil
}

// sign signs input, which mechanism.input prepared, with the key at place i.
// The signature is as keyrite wants it: ECDSA in DER.
func (t *openToken) sign(i int, input []byte) ([]byte, error) {
	if i < 0 || i >= len(t.keys) {
		return nil, faultf(ErrUsage, "helper: no key %d", i)
	}
	key := t.keys[i]
	switch key.mechanism {
	case mechECDSA, mechPSSDigest:
		return t.signDigest(key, input)
	}
	if err := t.raw.SignInit(t.session, key.mechanism.params(), key.private); err != nil {
		return nil, failed("C_SignInit", err)
	}
	signature, err := t.raw.Sign(t.session, input)
	if err != nil {
		return nil, failed("C_Sign", err)
	}
	return signature, nil
}

// signDigest signs a digest through crypto11.
func (t *openToken) signDigest(key *tokenKey, digest []byte) ([]byte, error) {
	if key.signer == nil {
		signer, err := t.crypto11.FindKeyPair(key.id, nil)
		if err != nil {
			return nil, failed("crypto11.FindKeyPair", err)
		}
		if signer == nil {
			return nil, faultf(ErrKeyNotFound, "no pair with id %x", key.id)
		}
		key.signer = signer
	}
	var opts crypto.SignerOpts = crypto.SHA256
	switch key.kind {
	case ECDSAP384:
		opts = crypto.SHA384
	case RSA3072, RSA4096:
		opts = &rsa.PSSOptions{SaltLength: pssSalt, Hash: crypto.SHA256}
	}
	signature, err := key.signer.Sign(nil, digest, opts)
	if err != nil {
		return nil, failed("C_SignInit/C_Sign", err) // crypto11 does not say which
	}
	return signature, nil
}

// Capabilities is what a token can do for keyrite.
type Capabilities struct {
	Keys       []KeyCapability `json:"keys" yaml:"keys"`
	Mechanisms []string        `json:"mechanisms" yaml:"mechanisms"` // all, numbers in hex where the name is not known here
}

// KeyCapability is what a token can do with one key type.
type KeyCapability struct {
	Type     KeyType `json:"type" yaml:"type"`
	Generate bool    `json:"generate" yaml:"generate"`
	Sign     string  `json:"sign" yaml:"sign"` // mechanism, "" when it cannot
}

// capabilities reads the mechanism list. What it says is no proof: a generated
// key is tried before it is used.
func (t *openToken) capabilities(none, []byte) (Capabilities, error) {
	if err := t.loadMechanisms(); err != nil {
		return Capabilities{}, err
	}
	var c Capabilities
	for _, kind := range KeyTypes() {
		can := KeyCapability{Type: kind, Generate: t.mechanisms[kind.recipe().mechanism]}
		m, err := t.choose(kind)
		if err == nil {
			err = t.checkSize(kind, m)
		}
		if err == nil {
			can.Sign = m.String()
		} else if !isUnsupported(err) {
			return Capabilities{}, err
		}
		can.Generate = can.Generate && can.Sign != ""
		c.Keys = append(c.Keys, can)
	}
	for m := range t.mechanisms {
		c.Mechanisms = append(c.Mechanisms, mechanismName(m))
	}
	return c, nil
}

// checkSize refuses a key type that is too large for a mechanism of the token.
// C_GetMechanismInfo gives bits, and for RSA in some modules bytes.
func (t *openToken) checkSize(kind KeyType, m mechanism) error {
	info, err := t.raw.GetMechanismInfo(t.slot, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(m), nil)})
	if err != nil {
		return failed("C_GetMechanismInfo", err)
	}
	bits := map[KeyType]uint{ECDSAP256: 256, ECDSAP384: 384, RSA3072: 3072, RSA4096: 4096}[kind]
	if info.MaxKeySize != 0 && info.MaxKeySize < bits && info.MaxKeySize*8 != bits {
		return faultf(ErrUnsupported, "%s; got at most %d bits", kind, info.MaxKeySize)
	}
	return nil
}
