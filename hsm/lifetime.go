// What a module may do in one lifetime, from C_Initialize to the end of its
// helper: make objects, and after that destroy some, never make one again. In
// tpm2-pkcs11 1.9.0 the handle of an object that is made after another one was
// destroyed can be that of a living private key: whoever then destroys "the new
// object" destroys the key.

package hsm

import (
	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm/internal/cryptoki"
)

// lifetime is a loaded module. Its methods stand in front of those of the
// binding that make or destroy objects, so that no caller gets around the rule.
type lifetime struct {
	cryptoki.Module
	made, destroyed bool // whether an object was, or may have been
	readOnly        bool // the token lets nobody write
}

// writing refuses what the token would refuse, in words of its own, halfway through.
func (l *lifetime) writing() error {
	if l.readOnly {
		return faultf(ErrReadOnly, "it gave a session that only reads")
	}
	return nil
}

// making refuses to make an object in a lifetime that destroyed one.
func (l *lifetime) making() error {
	if err := l.writing(); err != nil {
		return err
	}
	if l.destroyed {
		return faultf(ErrSpent, "it has destroyed objects, and makes none after that")
	}
	l.made = true
	return nil
}

// onlyDestroys refuses a lifetime that made an object.
func (l *lifetime) onlyDestroys() error {
	if l.made {
		return faultf(ErrSpent, "it has made objects; records of the ledger are destroyed by one that has not")
	}
	return nil
}

// GenerateKeyPair is C_GenerateKeyPair.
func (l *lifetime) GenerateKeyPair(s pkcs11.SessionHandle, m []*pkcs11.Mechanism, public, private []*pkcs11.Attribute) (pkcs11.ObjectHandle, pkcs11.ObjectHandle, error) {
	if err := l.making(); err != nil {
		return 0, 0, err
	}
	return l.Module.GenerateKeyPair(s, m, public, private)
}

// CreateObject is C_CreateObject.
func (l *lifetime) CreateObject(s pkcs11.SessionHandle, template []*pkcs11.Attribute) (pkcs11.ObjectHandle, error) {
	if err := l.making(); err != nil {
		return 0, err
	}
	return l.Module.CreateObject(s, template)
}

// UnwrapKey is C_UnwrapKey.
func (l *lifetime) UnwrapKey(s pkcs11.SessionHandle, m []*pkcs11.Mechanism, key pkcs11.ObjectHandle, wrapped []byte, template []*pkcs11.Attribute) (pkcs11.ObjectHandle, error) {
	if err := l.making(); err != nil {
		return 0, err
	}
	return l.Module.UnwrapKey(s, m, key, wrapped, template)
}

// DestroyObject is C_DestroyObject.
func (l *lifetime) DestroyObject(s pkcs11.SessionHandle, object pkcs11.ObjectHandle) error {
	if err := l.writing(); err != nil {
		return err
	}
	l.destroyed = true
	return l.Module.DestroyObject(s, object)
}
