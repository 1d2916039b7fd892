//go:build modules

package hsm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

const undeclared = "refused, because it is not declared: "

func noState(m *hsm.Module, _ string)    { m.State = nil }
func noConnects(m *hsm.Module, _ string) { m.Connects = nil }

// quirksOf has the modules of the suite.
var quirksOf = map[string]quirks{
	"softhsm": {kind: hsm.ECDSAP256, spoiled: []spoiled{{noState, undeclared}}},
	"opencryptoki": {
		kind: hsm.RSA3072, emptyFirst: true, finalTry: true, anyScheme: true, noWrapping: "CKR_PIN_EXPIRED",
		noLedger: "openCryptoki writes its token file in place", spoiled: []spoiled{{noConnects, undeclared}},
	},
	"tpm2-pkcs11": {
		kind: hsm.ECDSAP256, noErase: "2 tokens can be set up; choose one by slot or serial", anyScheme: true, noPSS: "CKR_MECHANISM_INVALID",
		noWrapping: "C_CreateObject: not logged in", spoiled: []spoiled{{noConnects, undeclared}},
	},
	"nss": {
		kind: hsm.ECDSAP256, neighbours: 1, noInit: "2 tokens can be set up; choose one by slot or serial", unproven: true, anyScheme: true,
		noWrapping: "CKR_USER_TYPE_INVALID", noLedger: "NSS keeps no data objects", noService: "CKR_ARGUMENTS_BAD",
		spoiled: []spoiled{
			{noState, undeclared},
			{func(m *hsm.Module, _ string) { m.Init = "" }, "may want an init string"},
			{func(m *hsm.Module, empty string) { m.Init, m.State = "configdir='sql:"+empty+"'", []string{empty} }, "certutil -N"},
		},
	},
	"p11-kit-proxy": {kind: hsm.ECDSAP256, neighbours: 2, spoiled: []spoiled{{noState, undeclared}}},
	"kryoptic":      {kind: hsm.ECDSAP256, noWrapping: "CKR_ATTRIBUTE_TYPE_INVALID", spoiled: []spoiled{{noState, undeclared}}},
}

// broken is a module that lacks something: the error says what.
func (r *moduleRun) broken(t *testing.T) {
	for _, s := range r.quirks.spoiled {
		m := r.module
		s.spoil(&m, t.TempDir())
		_, err := hsm.Open(t.Context(), m, r.uri)
		if err == nil || !strings.Contains(err.Error()+hintOf(err), s.says) {
			t.Errorf("got %v; %s; want %q", err, hintOf(err), s.says)
		}
	}
}

// hintOf is the hint of an error.
func hintOf(err error) string {
	var e *hsm.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}
