// Setting up a token: C_InitToken erases it, C_InitPIN gives it a user PIN.
// PKCS#11 v3.0 §5.5.

package hsm

import (
	"context"

	"github.com/miekg/pkcs11"
)

// InitTarget says which token to set up. The zero value is the one token of the
// module that is not initialised yet.
type InitTarget struct {
	Slot        *uint  `json:"slot"`        // as listed by Tokens just before
	EraseSerial string `json:"eraseSerial"` // serial of an initialised token whose keys are to be destroyed
}

// initArgs is the request; the body is the SO PIN followed by the user PIN.
type initArgs struct {
	Target   InitTarget `json:"target"`
	Label    string     `json:"label"`
	SOPINLen int        `json:"soPINLen"` // bytes
}

// ChooseEmpty returns the token that InitToken would set up, so that people are
// asked for PINs of the lengths that it takes, and not at all where it refuses.
func ChooseEmpty(ctx context.Context, m Module, which InitTarget, label string) (TokenInfo, error) {
	p, err := startProcess(ctx, m, label)
	if err != nil {
		return TokenInfo{}, err
	}
	defer p.close()
	info, err := call[TokenInfo](ctx, p, m.timeout(), "empty", initArgs{Target: which, Label: label}, nil)
	info.Module = m.Name
	return info, err
}

// InitToken erases a token, names it label (printable ASCII, at most 32
// characters, not used by another token of the module), and sets both PINs. An
// initialised token is refused unless which.EraseSerial is its serial. PINs that the
// token cannot take are refused with ErrPINInvalid before anything is erased.
func InitToken(ctx context.Context, m Module, which InitTarget, label string, soPIN, userPIN []byte) (TokenInfo, error) {
	p, err := startProcess(ctx, m, label)
	if err != nil {
		return TokenInfo{}, err
	}
	defer p.close()
	pins := append(append(make([]byte, 0, len(soPIN)+len(userPIN)), soPIN...), userPIN...)
	defer Wipe(pins)
	info, err := call[TokenInfo](ctx, p, slow*m.timeout(), "init", initArgs{which, label, len(soPIN)}, pins)
	info.Module = m.Name
	return info, err
}

// initToken is InitToken in the helper.
func (h *helper) initToken(args initArgs, pins []byte) (TokenInfo, error) {
	if args.SOPINLen < 0 || args.SOPINLen > len(pins) {
		return TokenInfo{}, faultf(ErrUsage, "helper: bad PIN length")
	}
	soPIN, userPIN := pins[:args.SOPINLen], pins[args.SOPINLen:]
	token, err := h.chooseEmpty(args, nil)
	if err != nil {
		return TokenInfo{}, err
	}
	if err := token.checkPINs(soPIN, userPIN); err != nil {
		return TokenInfo{}, err
	}
	if err := h.module.InitToken(token.Slot, asString(soPIN), args.Label); err != nil {
		return TokenInfo{}, officer.refused(failed("C_InitToken", err), func() (TokenInfo, error) { return h.info(token.Slot) })
	}
	if err := h.initPIN(token.Slot, soPIN, userPIN); err != nil {
		return TokenInfo{}, withText(err, "the token was erased and named, and has no user PIN yet")
	}
	return h.info(token.Slot)
}

// chooseEmpty is ChooseEmpty in the helper.
func (h *helper) chooseEmpty(args initArgs, _ []byte) (TokenInfo, error) {
	if err := checkLabel(args.Label, 32); err != nil {
		return TokenInfo{}, err
	}
	listing, err := h.tokens(none{}, nil)
	if err != nil {
		return TokenInfo{}, err
	}
	return listing.initTarget(args)
}

// info reads what the token in a slot says about itself.
func (h *helper) info(slot uint) (TokenInfo, error) {
	info, err := h.module.GetTokenInfo(slot)
	return newTokenInfo(slot, info), failed("C_GetTokenInfo", err)
}

// CheckPINs refuses PINs with which InitToken would refuse this token.
func (t TokenInfo) CheckPINs(soPIN, userPIN []byte) error {
	if err := t.checkPINs(soPIN, userPIN); err != nil {
		return newWireFault(err).error(t.Module, t.String())
	}
	return nil
}

// CheckPIN refuses a user PIN that this token cannot have: Login refuses it before
// the token counts a try.
func (t TokenInfo) CheckPIN(pin []byte) error {
	if err := t.checkPIN(user, pin); err != nil {
		return newWireFault(err).error(t.Module, t.String())
	}
	return nil
}

func (t TokenInfo) checkPINs(soPIN, userPIN []byte) error {
	if err := t.checkSOPIN(soPIN); err != nil {
		return err
	}
	return t.checkPIN(user, userPIN)
}

// initTarget returns the token that may be erased.
func (l wireListing) initTarget(args initArgs) (TokenInfo, error) {
	var found []TokenInfo
	for _, t := range l.Tokens {
		chosen := !t.Initialized || args.Target.EraseSerial != "" && t.Serial == args.Target.EraseSerial
		if args.Target.Slot != nil {
			chosen = t.Slot == *args.Target.Slot
		} else if args.Target.EraseSerial != "" {
			chosen = t.Serial == args.Target.EraseSerial
		}
		if chosen {
			found = append(found, t)
		} else if t.Initialized && t.Label == args.Label {
			return t, faultf(ErrExists, "a token labelled %q: %s", args.Label, t)
		}
	}
	switch {
	case len(found) == 0:
		return TokenInfo{}, l.missing("no token to set up")
	case len(found) > 1:
		return TokenInfo{}, faultf(ErrAmbiguous, "%d tokens can be set up; choose one by slot or serial", len(found))
	case found[0].Initialized && (args.Target.EraseSerial == "" || args.Target.EraseSerial != found[0].Serial):
		return TokenInfo{}, faultf(ErrExists, "token %s is set up already; setting it up again destroys its keys and wants its serial", found[0])
	}
	return found[0], nil
}

// initPIN gives the token its user PIN, as security officer.
func (h *helper) initPIN(slot uint, soPIN, userPIN []byte) (err error) {
	session, err := h.module.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return failed("C_OpenSession", err)
	}
	defer func() {
		if closeErr := h.module.CloseSession(session); err == nil {
			err = failed("C_CloseSession", closeErr)
		}
	}()
	if err := h.module.Login(session, pkcs11.CKU_SO, asString(soPIN)); err != nil {
		return officer.refused(failed("C_Login", err), func() (TokenInfo, error) { return h.info(slot) })
	}
	if err := h.module.InitPIN(session, asString(userPIN)); err != nil {
		_ = h.module.Logout(session) // the first error is the one to report
		return failed("C_InitPIN", err)
	}
	return failed("C_Logout", h.module.Logout(session))
}
