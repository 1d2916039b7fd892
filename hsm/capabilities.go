// What a token says it can do. It is no proof: a generated key signs once before
// anybody relies on it.

package hsm

import "github.com/miekg/pkcs11"

// Capabilities is what a token can do for keyrite.
type Capabilities struct {
	Keys       []KeyCapability `json:"keys" yaml:"keys"`             // one for each key type, in the order of KeyTypes
	Mechanisms []string        `json:"mechanisms" yaml:"mechanisms"` // all, numbers in hex where the name is not known here
}

// KeyCapability is what a token can do with one key type.
type KeyCapability struct {
	Type     KeyType `json:"type" yaml:"type"`
	Generate bool    `json:"generate" yaml:"generate"`
	Sign     string  `json:"sign" yaml:"sign"`     // mechanism, "" when it cannot
	Listed   bool    `json:"listed" yaml:"listed"` // whether the token lists that mechanism, or it is only tried

	Unclear string `json:"unclear,omitempty" yaml:"unclear,omitempty"` // why nothing is known of Generate but that it is listed
}

// capabilities reads the mechanism list.
func (t *openToken) capabilities(none, []byte) (Capabilities, error) {
	if err := t.loadMechanisms(); err != nil {
		return Capabilities{}, err
	}
	var c Capabilities
	for _, kind := range KeyTypes() {
		m, err := t.choose(kind)
		if err != nil {
			return Capabilities{}, err
		}
		can := KeyCapability{Type: kind, Listed: t.mechanisms[uint(m)]}
		if can.Generate, err = t.generates(kind); err != nil {
			can.Unclear = printable(err.Error())
		}
		if can.Generate || can.Listed {
			can.Sign = m.String()
		}
		c.Keys = append(c.Keys, can)
	}
	for m := range t.mechanisms {
		c.Mechanisms = append(c.Mechanisms, mechanismName(m))
	}
	return c, nil
}

// generates reports whether the token makes keys of this type and size. For RSA
// some modules give sizes in bytes. With an error it lists the mechanism, and says no
// more of it.
func (t *openToken) generates(kind KeyType) (bool, error) {
	m := kind.recipe().mechanism
	if !t.mechanisms[m] {
		return false, nil
	}
	info, err := t.raw.GetMechanismInfo(t.slot, []*pkcs11.Mechanism{pkcs11.NewMechanism(m, nil)})
	if err != nil {
		return true, failed("C_GetMechanismInfo", err)
	}
	bits := map[KeyType]uint{ECDSAP256: 256, ECDSAP384: 384, RSA3072: 3072, RSA4096: 4096}[kind]
	return info.MaxKeySize == 0 || info.MaxKeySize >= bits || info.MaxKeySize*8 == bits, nil
}
