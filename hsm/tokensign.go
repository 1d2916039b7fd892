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
// mechanism.output is for what it returns.
func (t *openToken) sign(i int, input []byte) ([]byte, error) {
	if i < 0 || i >= len(t.keys) {
		return nil, faultf(ErrUsage, "helper: no key %d", i)
	}
	key := t.keys[i]
	if key.alwaysAuthenticate {
		return nil, faultf(ErrUnsupported, "the key wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE); want one that is satisfied with a login")
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
