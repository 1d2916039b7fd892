package hsmtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/internal/cryptoki"
)

// Soft is tokens in this process, written in Go: for tests of more ceremonies than
// SoftHSM has time for. It has Ed25519 keys and data objects, answers as SoftHSM does,
// and fails when it is told to.
type Soft struct {
	mu     sync.Mutex
	tokens []*softToken
	last   pkcs11.ObjectHandle
	calls  int
	fail   int // at which call from now it fails once; 0 never

	// Signed, where it is set, is told of every message that a key signs.
	Signed func(key ed25519.PublicKey, message []byte)
}

type softToken struct {
	label, serial string
	objects       map[pkcs11.ObjectHandle]*softObject
}

// softObject is one of a token. The private key is in no attribute.
type softObject struct {
	attributes map[uint][]byte
	key        ed25519.PrivateKey
}

// SoftPath is where site.yaml says that the module lies.
const SoftPath = "/soft.so"

// UseSoft has every token of this process be one of these until the test ends.
func UseSoft(t testing.TB) *Soft {
	s := &Soft{}
	cryptoki.Inside = func(string) cryptoki.Module { return &softModule{soft: s} }
	t.Cleanup(func() { cryptoki.Inside = nil })
	return s
}

// Add sets up a token whose PIN is PIN.
func (s *Soft) Add(label string) hsm.URI {
	var serial [8]byte
	rand.Read(serial[:])
	token := &softToken{label, hex.EncodeToString(serial[:]), map[pkcs11.ObjectHandle]*softObject{}}
	s.tokens = append(s.tokens, token)
	return hsm.TokenInfo{Label: token.label, Serial: token.serial}.URI()
}

// Remove takes a token away, as a thief or a fire does.
func (s *Soft) Remove(label string) {
	s.tokens = slices.DeleteFunc(s.tokens, func(t *softToken) bool { return t.label == label })
}

// FailAt has the n-th call from now answer that the device was removed, once.
func (s *Soft) FailAt(n int) { s.calls, s.fail = 0, n }

// Keys counts the private keys of all tokens.
func (s *Soft) Keys() (n int) {
	for _, t := range s.tokens {
		for _, o := range t.objects {
			if o.key != nil {
				n++
			}
		}
	}
	return n
}

// call counts a call, and says whether it fails.
func (s *Soft) call() error {
	if s.calls++; s.fail > 0 && s.calls >= s.fail {
		s.fail = 0
		return pkcs11.Error(pkcs11.CKR_DEVICE_REMOVED)
	}
	return nil
}

// softModule is one lifetime of the module: at most one session at a time is used.
type softModule struct {
	cryptoki.Module // what no test asks for
	soft            *Soft
	token           *softToken
	loggedIn        bool
	found           []pkcs11.ObjectHandle
	signing         ed25519.PrivateKey
}

// do runs one call under the lock.
func (m *softModule) do(act func() error) error {
	m.soft.mu.Lock()
	defer m.soft.mu.Unlock()
	if err := m.soft.call(); err != nil {
		return err
	}
	return act()
}

func ckr(code uint) error { return pkcs11.Error(code) }

func (m *softModule) Finalize() error { return nil }

func (m *softModule) GetInfo() (pkcs11.Info, error) {
	return pkcs11.Info{ManufacturerID: "SoftHSM"}, m.do(func() error { return nil })
}

func (m *softModule) GetSlotList(bool) (slots []uint, err error) {
	err = m.do(func() error {
		for i := range m.soft.tokens {
			slots = append(slots, uint(i))
		}
		return nil
	})
	return slots, err
}

func (m *softModule) GetTokenInfo(slot uint) (info pkcs11.TokenInfo, err error) {
	err = m.do(func() error {
		if int(slot) >= len(m.soft.tokens) {
			return ckr(pkcs11.CKR_TOKEN_NOT_PRESENT)
		}
		t := m.soft.tokens[slot]
		info = pkcs11.TokenInfo{
			Label: t.label, SerialNumber: t.serial, ManufacturerID: "SoftHSM project", Model: "SoftHSM v2", MinPinLen: 4, MaxPinLen: 255,
			FirmwareVersion: pkcs11.Version{Major: 2, Minor: 6},
			Flags:           pkcs11.CKF_TOKEN_INITIALIZED | pkcs11.CKF_USER_PIN_INITIALIZED | pkcs11.CKF_LOGIN_REQUIRED,
		}
		return nil
	})
	return info, err
}

// Mechanisms of Edwards curves, which the binding does not have.
const (
	mechGenerate = 0x1055
	mechSign     = 0x1057
)

func (m *softModule) GetMechanismList(uint) ([]*pkcs11.Mechanism, error) {
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(mechGenerate, nil), pkcs11.NewMechanism(mechSign, nil)}, m.do(func() error { return nil })
}

func (m *softModule) GetMechanismInfo(uint, []*pkcs11.Mechanism) (pkcs11.MechanismInfo, error) {
	return pkcs11.MechanismInfo{MinKeySize: 255, MaxKeySize: 255, Flags: pkcs11.CKF_SIGN | pkcs11.CKF_GENERATE_KEY_PAIR}, m.do(func() error { return nil })
}

func (m *softModule) OpenSession(slot, _ uint) (pkcs11.SessionHandle, error) {
	return 1, m.do(func() error {
		if int(slot) >= len(m.soft.tokens) {
			return ckr(pkcs11.CKR_SLOT_ID_INVALID)
		}
		m.token = m.soft.tokens[slot]
		return nil
	})
}

func (m *softModule) CloseSession(pkcs11.SessionHandle) error {
	return m.do(func() error { return nil })
}

func (m *softModule) Login(_ pkcs11.SessionHandle, _ uint, pin string) error {
	return m.do(func() error {
		if pin != PIN {
			return ckr(pkcs11.CKR_PIN_INCORRECT)
		}
		m.loggedIn = true
		return nil
	})
}

func (m *softModule) Logout(pkcs11.SessionHandle) error {
	m.loggedIn = false
	return nil
}

// visible are the objects that a session sees: private ones after login.
func (m *softModule) visible(o *softObject) bool {
	return m.loggedIn || bytes.Equal(o.attributes[pkcs11.CKA_PRIVATE], []byte{0})
}

func (m *softModule) FindObjectsInit(_ pkcs11.SessionHandle, template []*pkcs11.Attribute) error {
	return m.do(func() error {
		m.found = nil
		for handle, o := range m.token.objects {
			fits := func(a *pkcs11.Attribute) bool { return bytes.Equal(o.attributes[a.Type], a.Value) }
			if m.visible(o) && !slices.ContainsFunc(template, func(a *pkcs11.Attribute) bool { return !fits(a) }) {
				m.found = append(m.found, handle)
			}
		}
		return nil
	})
}

func (m *softModule) FindObjects(_ pkcs11.SessionHandle, most int) (some []pkcs11.ObjectHandle, more bool, err error) {
	err = m.do(func() error {
		some, m.found = m.found[:min(most, len(m.found))], m.found[min(most, len(m.found)):]
		return nil
	})
	return some, false, err
}

func (m *softModule) FindObjectsFinal(pkcs11.SessionHandle) error {
	return m.do(func() error { return nil })
}

func (m *softModule) object(handle pkcs11.ObjectHandle) (*softObject, error) {
	if o := m.token.objects[handle]; o != nil && m.visible(o) {
		return o, nil
	}
	return nil, ckr(pkcs11.CKR_OBJECT_HANDLE_INVALID)
}

func (m *softModule) GetAttributeValue(_ pkcs11.SessionHandle, handle pkcs11.ObjectHandle, asked []*pkcs11.Attribute) (got []*pkcs11.Attribute, err error) {
	err = m.do(func() error {
		o, err := m.object(handle)
		if err != nil {
			return err
		}
		for _, a := range asked {
			value, there := o.attributes[a.Type]
			if !there {
				return ckr(pkcs11.CKR_ATTRIBUTE_TYPE_INVALID)
			}
			got = append(got, &pkcs11.Attribute{Type: a.Type, Value: bytes.Clone(value)})
		}
		return nil
	})
	return got, err
}

// add keeps an object.
func (m *softModule) add(key ed25519.PrivateKey, templates ...[]*pkcs11.Attribute) pkcs11.ObjectHandle {
	o := &softObject{map[uint][]byte{}, key}
	for _, a := range slices.Concat(templates...) {
		o.attributes[a.Type] = bytes.Clone(a.Value) // which the helper wipes
	}
	m.soft.last++
	m.token.objects[m.soft.last] = o
	return m.soft.last
}

func (m *softModule) GenerateKeyPair(_ pkcs11.SessionHandle, how []*pkcs11.Mechanism, public, private []*pkcs11.Attribute) (a, b pkcs11.ObjectHandle, err error) {
	err = m.do(func() error {
		if !m.loggedIn {
			return ckr(pkcs11.CKR_USER_NOT_LOGGED_IN)
		}
		if how[0].Mechanism != mechGenerate {
			return ckr(pkcs11.CKR_MECHANISM_INVALID)
		}
		pub, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return err
		}
		point, err := asn1.Marshal([]byte(pub))
		if err != nil {
			return err
		}
		is := pkcs11.NewAttribute
		made := []*pkcs11.Attribute{is(pkcs11.CKA_LOCAL, true), is(pkcs11.CKA_KEY_GEN_MECHANISM, mechGenerate)}
		a = m.add(nil, public, made, []*pkcs11.Attribute{is(pkcs11.CKA_EC_POINT, point)})
		b = m.add(key, []*pkcs11.Attribute{
			is(pkcs11.CKA_ALWAYS_SENSITIVE, true), is(pkcs11.CKA_NEVER_EXTRACTABLE, true), is(pkcs11.CKA_WRAP_WITH_TRUSTED, false),
			is(pkcs11.CKA_MODIFIABLE, true), is(pkcs11.CKA_ALWAYS_AUTHENTICATE, false),
		}, private, made)
		return nil
	})
	return a, b, err
}

func (m *softModule) CreateObject(_ pkcs11.SessionHandle, template []*pkcs11.Attribute) (handle pkcs11.ObjectHandle, err error) {
	err = m.do(func() error {
		if !m.loggedIn {
			return ckr(pkcs11.CKR_USER_NOT_LOGGED_IN)
		}
		handle = m.add(nil, template)
		return nil
	})
	return handle, err
}

func (m *softModule) DestroyObject(_ pkcs11.SessionHandle, handle pkcs11.ObjectHandle) error {
	return m.do(func() error {
		o, err := m.object(handle)
		if err != nil {
			return err
		}
		if bytes.Equal(o.attributes[pkcs11.CKA_DESTROYABLE], []byte{0}) {
			return ckr(pkcs11.CKR_ACTION_PROHIBITED)
		}
		delete(m.token.objects, handle)
		return nil
	})
}

func (m *softModule) SignInit(_ pkcs11.SessionHandle, how []*pkcs11.Mechanism, handle pkcs11.ObjectHandle) error {
	return m.do(func() error {
		o, err := m.object(handle)
		if err != nil {
			return err
		}
		if o.key == nil || how[0].Mechanism != mechSign {
			return ckr(pkcs11.CKR_KEY_TYPE_INCONSISTENT)
		}
		m.signing = o.key
		return nil
	})
}

func (m *softModule) Sign(_ pkcs11.SessionHandle, message []byte) (signature []byte, err error) {
	err = m.do(func() error {
		if m.soft.Signed != nil {
			m.soft.Signed(m.signing.Public().(ed25519.PublicKey), message)
		}
		signature, m.signing = ed25519.Sign(m.signing, message), nil
		return nil
	})
	return signature, err
}
