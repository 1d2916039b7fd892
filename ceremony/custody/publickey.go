package custody

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// readPublicKey reads the one public key of a file: PEM, with or without text around
// it, or DER (RFC 5280 SubjectPublicKeyInfo, RFC 8017 RSAPublicKey). Anything else is
// named by what it is; a private key is refused with a warning.
func readPublicKey(file string, data []byte) (crypto.PublicKey, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if what := secret(data); what != "" {
		return nil, fault.Errorf(fault.Refused, "%s is %s, want a public key", file, what).
			Hint("the file is a secret: whoever has seen it can sign as its owner. Erase it here and on the stick, tell the owner that the key is lost, and ask for the public key of a new one")
	}
	blocks := pemBlocks(data)
	if len(blocks) > 1 {
		return nil, fault.Errorf(fault.Unverified, "%s has %s, want one public key", file, words.Count(len(blocks), "PEM block"))
	}
	public, err := parsePublic(data, blocks)
	if err == nil {
		return public, nil
	}
	if what, how := foreign(data, blocks); what != "" {
		problem := fault.Errorf(fault.Unverified, "%s is %s, want a public key in PEM", file, what)
		if how != "" {
			problem.Hint("%s", how)
		}
		return nil, problem
	}
	return nil, fault.Errorf(fault.Unverified, "%s: %w", file, err)
}

// parsePublic reads what is in the PEM block, or the DER that is there without one.
func parsePublic(data []byte, blocks []*pem.Block) (crypto.PublicKey, error) {
	if len(blocks) == 1 {
		return roles.ParsePEM(pem.EncodeToMemory(&pem.Block{Type: blocks[0].Type, Bytes: blocks[0].Bytes}))
	}
	if public, err := x509.ParsePKIXPublicKey(data); err == nil {
		return public, nil
	}
	if public, err := x509.ParsePKCS1PublicKey(data); err == nil {
		return public, nil
	}
	return nil, fmt.Errorf("neither PEM nor DER of a public key, nor a key record")
}

func pemBlocks(data []byte) (blocks []*pem.Block) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		blocks = append(blocks, block)
	}
	return blocks
}

// pkcs7Data is the content type in every PKCS #12 file (RFC 7292 §4), in DER.
var pkcs7Data = []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}

// secret names a file that holds a private key, whole or damaged; "" is none.
func secret(data []byte) string {
	_, pkcs8 := x509.ParsePKCS8PrivateKey(data)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(data)
	_, sec1 := x509.ParseECPrivateKey(data)
	has := func(text string) bool { return bytes.Contains(data, []byte(text)) }
	switch {
	case has("OPENSSH PRIVATE KEY"):
		return "a private key of OpenSSH"
	case has("PuTTY-User-Key-File"):
		return "a private key of PuTTY"
	case has("PGP PRIVATE KEY"):
		return "a private key of OpenPGP"
	case has("PRIVATE KEY-----"), pkcs8 == nil, pkcs1 == nil, sec1 == nil:
		return "a private key"
	case bytes.Contains(data[:min(len(data), 64)], pkcs7Data):
		return "a PKCS #12 file, which carries a private key"
	case has(`"kty"`) && has(`"d"`):
		return "a private JSON Web Key"
	}
	return ""
}

// foreign names a file that is something else, and how a public key comes out of it.
func foreign(data []byte, blocks []*pem.Block) (what, how string) {
	has := func(text string) bool { return bytes.Contains(data, []byte(text)) }
	_, certificate := x509.ParseCertificate(data)
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return "empty", ""
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return "UTF-16 text", "save it as UTF-8, or ask for the file as it was made"
	case certificate == nil, len(blocks) == 1 && blocks[0].Type == "CERTIFICATE":
		return "an X.509 certificate", "openssl x509 -in FILE -pubkey -noout -out FILE.pem"
	case len(blocks) == 1 && strings.HasSuffix(blocks[0].Type, "CERTIFICATE REQUEST"):
		return "a certificate request", "openssl req -in FILE -pubkey -noout -out FILE.pem"
	case has("PGP PUBLIC KEY"):
		return "a public key of OpenPGP", askForPEM
	case has("ssh-ed25519 "), has("ssh-rsa "), has("ecdsa-sha2-"), has("SSH2 PUBLIC KEY"):
		return "a public key of OpenSSH", askForPEM
	case has(`"kty"`):
		return "a JSON Web Key", askForPEM
	case len(blocks) == 0 && has("-----BEGIN "):
		return "damaged PEM", "ask for the file again"
	}
	return "", ""
}

const askForPEM = "ask its owner for the key as PEM: openssl pkey -pubout writes that"
