// Tokens are named by RFC 7512 URIs, as in "pkcs11:serial=8a3f;token=officer-1".
// keyrite takes the four attributes that say which token is meant and refuses
// the rest: PINs have sources of their own, keys are found by public key, and
// slot numbers change.

package hsm

import (
	"fmt"
	"strings"

	pkcs11uri "github.com/stefanberger/go-pkcs11uri"
)

// URI names a token. Empty fields match everything; at least one is set.
type URI struct {
	Token        string // CKA label of the token
	Manufacturer string
	Serial       string
	Model        string
}

// fields lists the attributes in the order in which String writes them.
func (u *URI) fields() []struct {
	name  string
	value *string
} {
	return []struct {
		name  string
		value *string
	}{{"token", &u.Token}, {"serial", &u.Serial}, {"model", &u.Model}, {"manufacturer", &u.Manufacturer}}
}

// ParseURI reads a "pkcs11:" URI with the attributes token, serial, model and
// manufacturer. Every other attribute, a repeated or empty one, and a query
// (pin-value, pin-source, module-path) are errors. RFC 7512 §2.3.
func ParseURI(s string) (URI, error) {
	var u URI
	parsed := pkcs11uri.New()
	if len(s) > 512 {
		return u, uriErrorf("too long; got %d bytes, want at most 512", len(s))
	}
	if strings.ContainsAny(s, "?") {
		return u, uriErrorf("query attributes are refused; PINs and modules have fields of their own in site.yaml")
	}
	if err := parsed.Parse(s); err != nil {
		return u, uriErrorf("%v", err)
	}
	for _, part := range strings.Split(strings.TrimPrefix(s, "pkcs11:"), ";") {
		name, _, _ := strings.Cut(part, "=")
		value, _ := parsed.GetPathAttribute(name, false)
		if err := u.set(name, value); err != nil {
			return URI{}, err
		}
	}
	return u, nil
}

// set stores one attribute.
func (u *URI) set(name, value string) error {
	for _, f := range u.fields() {
		if f.name != name {
			continue
		}
		if value == "" || printable(value) != value {
			return uriErrorf("%s is empty or not printable; got %q", name, value)
		}
		*f.value = value
		return nil
	}
	return uriErrorf("attribute is refused; got %q, want one of token, serial, model, manufacturer", name)
}

func uriErrorf(format string, args ...any) error {
	return &Error{Err: &detailed{ErrUsage, "pkcs11 uri: " + fmt.Sprintf(format, args...)}}
}

// String writes the URI, percent-encoded, in one fixed order.
func (u URI) String() string {
	escaper := pkcs11uri.New()
	var parts []string
	for _, f := range u.fields() {
		if *f.value == "" {
			continue
		}
		escaper.SetPathAttributeUnencoded(f.name, []byte(*f.value))
		value, _ := escaper.GetPathAttribute(f.name, true)
		parts = append(parts, f.name+"="+value)
	}
	return "pkcs11:" + strings.Join(parts, ";")
}

// Matches reports whether t is a token that the URI names.
func (u URI) Matches(t TokenInfo) bool {
	same := func(want, got string) bool { return want == "" || want == got }
	return same(u.Token, t.Label) && same(u.Serial, t.Serial) && same(u.Model, t.Model) && same(u.Manufacturer, t.Manufacturer)
}
