package review

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// lint signs the exact bytes with a throwaway software key, reads the file back
// as a client does, and demands that it says just what was meant. No HSM sees
// bytes that have not gone through this.
func lint(draft *roles.Draft) error {
	signature, err := throwaway(draft)
	if err != nil {
		return err
	}
	data, err := draft.Seal([]roles.SignedBy{signature})
	if err != nil {
		return err
	}
	file, err := draft.ReadBack(data)
	if err != nil {
		return err
	}
	again, err := roles.Encode(draft.Format, file.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(again.Signed, draft.Signed) {
		return fault.Errorf(fault.Failed, "does not survive being read and written again")
	}
	return nil
}

// throwaway is a signature by a key that nobody has, verified. ECDSA reads the
// bytes once and Ed25519 twice, but not every format has it.
func throwaway(draft *roles.Draft) (roles.SignedBy, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return roles.SignedBy{}, err
	}
	key, err := roles.NewKey(draft.Format, private.Public())
	if err != nil {
		return throwawayEd25519(draft)
	}
	sum := draft.SHA256()
	value, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	if err != nil {
		return roles.SignedBy{}, err
	}
	return roles.SignedBy{Key: key, Value: value}, nil // Seal verifies it
}

func throwawayEd25519(draft *roles.Draft) (roles.SignedBy, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return roles.SignedBy{}, err
	}
	key, err := roles.NewKey(draft.Format, public)
	if err != nil {
		return roles.SignedBy{}, err
	}
	return roles.SignedBy{Key: key, Value: ed25519.Sign(private, draft.Signed)}, nil
}
