package scene

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// Entering are the keys of trust.yaml that neither the signed root nor the signed
// targets lists, in the order of the file.
func (s *Scene) Entering() []string {
	known := map[roles.Fingerprint]bool{}
	for _, keys := range s.Signed.Keys() {
		for _, k := range keys {
			known[k.Fingerprint] = true
		}
	}
	var names []string
	for _, name := range s.Repo.KeyNames {
		if !known[s.Ring.Keys[name].Fingerprint] {
			names = append(names, name)
		}
	}
	return names
}

// Voucher is who vouches that a key is the one that trust.yaml means.
type Voucher struct {
	Token       string // in site.yaml: it must be found there before its role is signed
	Fingerprint bool   // a person compared it, and says so in trust.yaml
	Site        string // that holds it: its words are compared by voice before its role is signed
}

// String says it in words.
func (v Voucher) String() string {
	switch {
	case v.Token != "":
		return "found on token " + v.Token
	case v.Site != "":
		return "its words compared with " + v.Site
	}
	return "fingerprint in trust.yaml"
}

// Voucher finds who vouches for a key.
func (s *Scene) Voucher(name string, room Room) (Voucher, error) {
	if token, here := room.Held[name]; here {
		return Voucher{Token: token}, nil
	}
	if !s.Repo.Keys[name].Fingerprint.IsZero() {
		return Voucher{Fingerprint: true}, nil
	}
	if site := room.SiteOf(name); site != "" {
		return Voucher{Site: site}, nil
	}
	print := s.Ring.Keys[name].Fingerprint
	return Voucher{}, s.Repo.Trust().Errorf(fault.Refused, s.Repo.Path("keys", name), "enters a role, but nobody vouches for it: no token here holds it, and fingerprint is missing").
		Hint("compare the words of keyrite key show %s with whoever holds the key, then set fingerprint: %s", name, fmt.Sprintf("%x", print))
}
