package hsm_test

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestParseURI(t *testing.T) {
	got, err := hsm.ParseURI("pkcs11:serial=8a3f;token=officer%201;model=SoftHSM%20v2;manufacturer=A%3bB")
	want := hsm.URI{Token: "officer 1", Serial: "8a3f", Model: "SoftHSM v2", Manufacturer: "A;B"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if text := got.String(); text != "pkcs11:token=officer%201;serial=8a3f;model=SoftHSM%20v2;manufacturer=A%3BB" {
		t.Errorf("got %s", text)
	}
}

func TestParseURIRefuses(t *testing.T) {
	for _, test := range []struct{ uri, text string }{
		{"serial=1", "prefix"},
		{"PKCS11:serial=1", "prefix"},
		{"pkcs11:", "attribute is refused"},
		{"pkcs11:serial", "malformed path attribute"},
		{"pkcs11:serial=", "empty"},
		{"pkcs11:serial=1;", "malformed path attribute"},
		{"pkcs11:serial=1;serial=2", "duplicate"},
		{"pkcs11:serial=%0a", "not printable"},
		{"pkcs11:token=%ff", "not printable"},
		{"pkcs11:serial=%zz", "escape"},
		{"pkcs11:slot-id=3", `got "slot-id"`},
		{"pkcs11:object=key", `got "object"`},
		{"pkcs11:token=a;x-vendor=1", `got "x-vendor"`},
		{"pkcs11:token=a?pin-value=1234", "query attributes are refused"},
		{"pkcs11:token=a?pin-source=/etc/pin", "query attributes are refused"},
		{"pkcs11:token=a?module-path=/evil.so", "query attributes are refused"},
		{"pkcs11:token=" + strings.Repeat("a", 600), "too long"},
	} {
		_, err := hsm.ParseURI(test.uri)
		wantError(t, err, hsm.ErrUsage, test.text)
		if strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: the error repeats a PIN: %v", test.uri, err)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	f.Add("pkcs11:serial=8a3f;token=officer-1")
	f.Add("pkcs11:token=%20;model=a?pin-value=1")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := hsm.ParseURI(s)
		if err != nil {
			return
		}
		again, err := hsm.ParseURI(u.String())
		if err != nil || again != u {
			t.Errorf("%q became %q: %+v, %v", s, u.String(), again, err)
		}
	})
}
