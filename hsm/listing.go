// What a module shows in its slots. A slot that cannot be read is shown beside the
// others and hides none of them: readers are empty, cards upside down, and a
// partition of a network HSM may be gone. PKCS#11 v3.0 §5.3.

package hsm

import (
	"context"
	"fmt"
	"strings"

	"github.com/miekg/pkcs11"
)

// Listing is what a module shows in the slots that have a token.
type Listing struct {
	Tokens []TokenInfo // set up or not
	Faults []SlotFault
}

// SlotFault is a slot whose token cannot be read.
type SlotFault struct {
	Slot uint
	Err  *Error
}

// maxSlots is more than any module has that is meant for people.
const maxSlots = 1024

// Tokens lists every slot of a module that holds a token. It fails only where the
// module does.
func Tokens(ctx context.Context, m Module) (Listing, error) {
	p, err := startProcess(ctx, m, "")
	if err != nil {
		return Listing{}, err
	}
	defer p.close()
	found, err := call[wireListing](ctx, p, m.timeout(), "tokens", none{}, nil)
	l := Listing{Tokens: found.Tokens}
	for i := range l.Tokens {
		l.Tokens[i].Module = m.Name
	}
	for _, f := range found.Faults {
		l.Faults = append(l.Faults, SlotFault{f.Slot, f.Fault.error(m.Name, fmt.Sprintf("in slot %d", f.Slot))})
	}
	return l, err
}

// wireListing is a listing on its way to keyrite.
type wireListing struct {
	Tokens []TokenInfo     `json:"tokens"`
	Faults []wireSlotFault `json:"faults,omitempty"`

	service string // that the module needs, if it is known
}

type wireSlotFault struct {
	Slot  uint       `json:"slot"`
	Fault *wireFault `json:"fault"`
}

// tokens lists the slots that have a token.
func (h *helper) tokens(none, []byte) (wireListing, error) {
	library, err := h.module.GetInfo()
	if err != nil {
		return wireListing{}, failed("C_GetInfo", err)
	}
	slots, err := h.module.GetSlotList(true)
	if err != nil && h.service != "" {
		return wireListing{}, withHint(failed("C_GetSlotList", err), outOfReach(h.service)) // which ykcs11 tries to reach now
	}
	if err != nil {
		return wireListing{}, failed("C_GetSlotList", err)
	}
	if len(slots) > maxSlots {
		return wireListing{}, faultf(ErrFailed, "slots; got %d, want at most %d", len(slots), maxSlots)
	}
	l := wireListing{Tokens: []TokenInfo{}, service: h.service}
	for _, slot := range slots {
		token, err := h.info(slot)
		if err != nil {
			l.Faults = append(l.Faults, wireSlotFault{slot, newWireFault(err)})
			continue
		}
		token.Library = printable(library.ManufacturerID)
		l.Tokens = append(l.Tokens, token)
	}
	return l, nil
}

// match returns the one token that uri names.
func (l wireListing) match(uri URI) (TokenInfo, error) {
	var found []TokenInfo
	for _, t := range l.Tokens {
		if uri.Matches(t) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return TokenInfo{}, l.missing(fmt.Sprintf("want %s", uri))
	}
	return TokenInfo{}, faultf(ErrAmbiguous, "want one token for %s; got %s", uri, listTokens(found))
}

// missing says that what was asked for is not there, and what is. The answer of a
// slot that could not be read is part of it: the token may be in that one.
func (l wireListing) missing(what string) error {
	f := faultf(ErrTokenNotFound, "%s; there are %s", what, listTokens(l.Tokens))
	if len(l.Tokens) == 0 && l.service != "" {
		f.hint = fmt.Sprintf("insert the token; where it is inserted, is %s running?", l.service)
	}
	for i, bad := range l.Faults {
		if i == 0 {
			f.call, f.ckr = bad.Fault.Call, pkcs11.Error(bad.Fault.CKR)
			f.hint = "put the token into its slot again, or compare its serial with `keyrite token list` and site.yaml"
		}
		f.text += fmt.Sprintf("; slot %d cannot be read (%s)", bad.Slot, ckrName(pkcs11.Error(bad.Fault.CKR)))
	}
	return f
}

// listTokens names tokens in an error.
func listTokens(tokens []TokenInfo) string {
	var names []string
	for _, t := range tokens {
		if t.Initialized {
			names = append(names, t.URI().String())
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
