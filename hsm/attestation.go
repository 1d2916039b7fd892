// Vendor attestation: a certificate, signed by a key that the vendor put into the
// device, says that a key pair was made inside it. PKCS#11 has no call for it; the
// vendor's tool writes the chain to a file, and keyrite checks the file. What is
// read of the YubiKey's PIV extensions is public documentation of Yubico.

package hsm

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// maxAttestationBytes is far more than any chain needs.
const maxAttestationBytes = 1 << 20

// Attestation is a verified attestation of one public key.
type Attestation struct {
	Subject     string `json:"subject" yaml:"subject"`           // of the attestation certificate
	Root        string `json:"root" yaml:"root"`                 // subject of the vendor's certificate that it leads to
	Serial      string `json:"serial" yaml:"serial"`             // of the YubiKey, "" when it is another device
	Firmware    string `json:"firmware" yaml:"firmware"`         // of the YubiKey, as in "5.4.3"
	PINPolicy   string `json:"pin-policy" yaml:"pin-policy"`     // never, once or always
	TouchPolicy string `json:"touch-policy" yaml:"touch-policy"` // never, always or cached
	Chain       string `json:"chain" yaml:"chain"`               // what was verified, PEM, the attestation first
}

// VerifyAttestation verifies that chain (PEM, the attestation certificate first,
// then intermediates in any order) leads to one of the vendor's roots (PEM) at a
// time, and that it attests pub.
func VerifyAttestation(pub crypto.PublicKey, chain, roots []byte, at time.Time) (Attestation, error) {
	a, err := verifyAttestation(pub, chain, roots, at)
	if err != nil {
		return Attestation{}, newError("", "", ErrAttestation, "%v", err)
	}
	return a, nil
}

func verifyAttestation(pub crypto.PublicKey, chain, roots []byte, at time.Time) (Attestation, error) {
	certificates, err := parseCertificates("chain", chain)
	if err != nil {
		return Attestation{}, err
	}
	trusted, err := parseCertificates("roots", roots)
	if err != nil {
		return Attestation{}, err
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	for _, c := range trusted {
		options.Roots.AddCert(c)
	}
	for _, c := range certificates[1:] {
		options.Intermediates.AddCert(c)
	}
	leaf := certificates[0]
	paths, err := leaf.Verify(options)
	if err != nil {
		return Attestation{}, err
	}
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return Attestation{}, err
	}
	if !bytes.Equal(spki, leaf.RawSubjectPublicKeyInfo) {
		return Attestation{}, errors.New("the certificate attests another public key")
	}
	a := Attestation{Subject: printable(leaf.Subject.String()), Root: printable(paths[0][len(paths[0])-1].Subject.String())}
	for _, c := range certificates {
		a.Chain += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return a, a.readYubiKey(leaf)
}

// parseCertificates reads PEM certificates, at least one.
func parseCertificates(what string, data []byte) ([]*x509.Certificate, error) {
	if len(data) > maxAttestationBytes {
		return nil, fmt.Errorf("%s: too long; got %d bytes, want at most %d", what, len(data), maxAttestationBytes)
	}
	var certificates []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%s: PEM block; got %q, want CERTIFICATE", what, printable(block.Type))
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		certificates = append(certificates, c)
	}
	if len(certificates) == 0 || len(bytes.TrimSpace(data)) > 0 {
		return nil, fmt.Errorf("%s: want one or more PEM certificates and nothing after them", what)
	}
	return certificates, nil
}

// The extensions of a YubiKey's PIV attestation.
const (
	yubiFirmware = "1.3.6.1.4.1.41482.3.3" // three bytes
	yubiSerial   = "1.3.6.1.4.1.41482.3.7" // INTEGER
	yubiPolicy   = "1.3.6.1.4.1.41482.3.8" // PIN policy, touch policy: a byte each
)

var (
	pinPolicies   = map[byte]string{1: "never", 2: "once", 3: "always"}
	touchPolicies = map[byte]string{1: "never", 2: "always", 3: "cached"}
)

// readYubiKey reads what a YubiKey says about itself and the key.
func (a *Attestation) readYubiKey(leaf *x509.Certificate) error {
	for _, extension := range leaf.Extensions {
		value := extension.Value
		switch id := extension.Id.String(); {
		case id == yubiFirmware && len(value) == 3:
			a.Firmware = fmt.Sprintf("%d.%d.%d", value[0], value[1], value[2])
		case id == yubiPolicy && len(value) == 2:
			a.PINPolicy, a.TouchPolicy = pinPolicies[value[0]], touchPolicies[value[1]]
		case id == yubiSerial:
			serial := new(big.Int)
			if rest, err := asn1.Unmarshal(value, &serial); err != nil || len(rest) > 0 {
				return errors.New("serial number of the YubiKey is malformed")
			}
			a.Serial = serial.String()
		case id == yubiFirmware, id == yubiPolicy:
			return fmt.Errorf("extension %s is malformed; got %d bytes", id, len(value))
		}
	}
	return nil
}
