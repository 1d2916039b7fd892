package witness

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// What ssh-keygen -Y sign makes: OpenSSH, PROTOCOL.sshsig.

const (
	// Namespace is what a witness says with -n: the signature is for this and nothing
	// else.
	Namespace = "keyrite-transcript"

	magic  = "SSHSIG"
	armour = "SSH SIGNATURE"
)

// blob is a signature.
type blob struct {
	Magic     [len(magic)]byte
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// signed is what it is over.
type signed struct {
	Magic     [len(magic)]byte
	Namespace string
	Reserved  string
	Hash      string
	Message   []byte // its hash
}

// dearmor takes the one signature out of a .sig file.
func dearmor(armored []byte) ([]byte, error) {
	block, rest := pem.Decode(armored)
	if block == nil || block.Type != armour || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("not what ssh-keygen -Y sign writes; want one block, BEGIN " + armour)
	}
	return block.Bytes, nil
}

// verifySSH verifies a signature of a message by exactly that key.
func verifySSH(key ssh.PublicKey, message, signature []byte) error {
	var b blob
	if err := ssh.Unmarshal(signature, &b); err != nil {
		return fmt.Errorf("signature of ssh-keygen: %w", err)
	}
	switch {
	case string(b.Magic[:]) != magic || b.Version != 1 || b.Reserved != "":
		return errors.New("signature of ssh-keygen: not of version 1")
	case b.Namespace != Namespace:
		return fmt.Errorf("signature of ssh-keygen: made for %q, want -n %s", b.Namespace, Namespace)
	case !bytes.Equal(b.PublicKey, key.Marshal()):
		return errors.New("signature of ssh-keygen: by another key")
	}
	sum, err := hashOf(b.Hash, message)
	if err != nil {
		return err
	}
	var s ssh.Signature
	if err := ssh.Unmarshal(b.Signature, &s); err != nil {
		return fmt.Errorf("signature of ssh-keygen: %w", err)
	}
	if key.Type() == ssh.KeyAlgoRSA && !strings.HasPrefix(s.Format, "rsa-sha2-") {
		return fmt.Errorf("signature of ssh-keygen: algorithm %q, want rsa-sha2-512", s.Format)
	}
	over := ssh.Marshal(signed{b.Magic, b.Namespace, b.Reserved, b.Hash, sum})
	return key.Verify(over, &s)
}

func hashOf(name string, message []byte) ([]byte, error) {
	switch name {
	case "sha256":
		sum := sha256.Sum256(message)
		return sum[:], nil
	case "sha512":
		sum := sha512.Sum512(message)
		return sum[:], nil
	}
	return nil, fmt.Errorf("signature of ssh-keygen: hash %q, want sha512", name)
}
