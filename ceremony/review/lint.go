package review

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// lint signs the exact bytes with a throwaway software key, reads the file back
// as a client does, and demands that it says just what was meant. No HSM sees
// bytes that have not gone through this.
func lint(draft *roles.Draft) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	key, err := roles.NewKey(draft.Format, public)
	if err != nil {
		return err
	}
	data, err := draft.Seal([]roles.SignedBy{{Key: key, Value: ed25519.Sign(private, draft.Signed)}})
	if err != nil {
		return err
	}
	file, err := roles.Read(draft.Format, draft.Type, data)
	if err != nil {
		return fmt.Errorf("does not read back: %w", err)
	}
	if !bytes.Equal(file.Signed, draft.Signed) {
		return fault.Errorf(fault.Failed, "reads back with other bytes to sign")
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
