// Signing in the helper: one C_SignInit and one C_Sign, with the one mechanism
// that was chosen for the key.

package hsm

// choose returns the mechanism for a key type: the first that the token lists.
// When it lists none, the best is tried all the same: tpm2-pkcs11 signs with a
// mechanism that is not in its list.
func (t *openToken) choose(kind KeyType) (mechanism, error) {
	if err := t.loadMechanisms(); err != nil {
		return 0, err
	}
	for _, m := range kind.mechanisms() {
		if t.mechanisms[uint(m)] {
			return m, nil
		}
	}
	return kind.mechanisms()[0], nil
}

// maxMechanisms is ten times what PKCS#11 has.
const maxMechanisms = 4096

// loadMechanisms asks the token what it offers, once.
func (t *openToken) loadMechanisms() error {
	if t.mechanisms != nil {
		return nil
	}
	list, err := t.raw.GetMechanismList(t.slot)
	if err != nil {
		return failed("C_GetMechanismList", err)
	}
	if len(list) > maxMechanisms {
		return faultf(ErrFailed, "mechanisms; got %d, want at most %d", len(list), maxMechanisms)
	}
	t.mechanisms = map[uint]bool{}
	for _, m := range list {
		t.mechanisms[m.Mechanism] = true
	}
	return nil
}

// signArgs names a key. The body is the PIN for this one signature, if the key wants
// it, and then what mechanism.input prepared.
type signArgs struct {
	Key    int `json:"key"`
	PINLen int `json:"pinLen,omitempty"` // bytes
}

// sign signs. mechanism.output is for what it returns.
func (t *openToken) sign(args signArgs, body []byte) ([]byte, error) {
	if args.Key < 0 || args.Key >= len(t.keys) || args.PINLen < 0 || args.PINLen > len(body) {
		return nil, faultf(ErrUsage, "helper: no key %d, or a bad PIN length", args.Key)
	}
	key, pin, input := t.keys[args.Key], body[:args.PINLen], body[args.PINLen:]
	if key.pinEachTime {
		if err := t.checkLogin(false, pin); err != nil {
			return nil, withHint(err, hintEachTime)
		}
	}
	if err := t.raw.SignInit(t.session, key.mechanism.params(), key.private); err != nil {
		return nil, failed("C_SignInit", err)
	}
	if key.pinEachTime {
		if err := t.authenticate(pin); err != nil {
			return nil, err
		}
	}
	signature, err := t.raw.Sign(t.session, input)
	if err != nil {
		return nil, failed("C_Sign", err)
	}
	return signature, nil
}

const hintEachTime = "this key wants the PIN for each signature; keyrite does not spend its last try. The token's own tool takes the right PIN, and then counts anew"
