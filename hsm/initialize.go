// Starting a module: C_Initialize with the habits of real ones, and what is said of
// one that does not start. PKCS#11 v3.0 §5.2.1.

package hsm

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/miekg/pkcs11"
)

// initialize calls C_Initialize. Older middleware cannot lock by itself, and one
// thread is all that a helper has; a library that the module shares with another has
// been started by it.
func (m Module) initialize(module *pkcs11.Ctx) error {
	reserved := pkcs11.InitializeWithReserved(m.reserved())
	err := module.Initialize(reserved)
	if errors.Is(err, pkcs11.Error(pkcs11.CKR_CANT_LOCK)) {
		err = module.Initialize(reserved, pkcs11.InitializeWithFlags(0))
	}
	if err == nil || errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return nil
	}
	return m.notStarted(failed("C_Initialize", err))
}

// initString keeps the module's init string in its place: modules keep the pointer.
var initString runtime.Pinner

// reserved is the module's init string as C wants it, nil for none.
func (m Module) reserved() unsafe.Pointer {
	if m.Init == "" {
		return nil
	}
	text := append([]byte(m.Init), 0)
	initString.Pin(&text[0])
	return unsafe.Pointer(&text[0])
}

// nssDatabase are NSS's own answers of a certificate or key database that it cannot
// open or make.
var nssDatabase = []pkcs11.Error{0xCE534351, 0xCE534352}

// notStarted says what a module may lack that does not start.
func (m Module) notStarted(err error) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	hint := hints[ErrStart]
	switch service := m.Service(); {
	case f.ckr == pkcs11.CKR_ARGUMENTS_BAD && m.Init == "":
		hint = `the module may want an init string: set init for it in site.yaml, as in init: "configdir='sql:/DIR'" for NSS`
	case slices.Contains(nssDatabase, f.ckr):
		hint = "NSS finds no database in the folder of init and makes none here; make one with its own tool, `certutil -N -d sql:DIR`, and declare the folder as state"
	case service != "":
		hint = outOfReach(service)
	}
	return &fault{call: f.call, ckr: f.ckr, kind: ErrStart, hint: hint}
}

// outOfReach is the hint where a module may lack its service.
func outOfReach(service string) string {
	return fmt.Sprintf("is %s running, and may this user reach it? See also env of the module in site.yaml", service)
}

// notStarted adds what the module was given and what it wrote, once its helper has
// ended.
func (p *process) notStarted(err error) error {
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, ErrStart) {
		return err
	}
	names := "none"
	if len(p.module.Env) > 0 {
		names = strings.Join(slices.Sorted(maps.Keys(p.module.Env)), ", ")
	}
	if said := p.stderr.String(); said != "" {
		return e.noting("env: %s; it said: %s", names, said)
	}
	return e.noting("env: %s", names)
}

// Empty says in a sentence that no slot of the module has a token.
func (m Module) Empty() string {
	sentence := "module " + m.Name + ": no slot has a token"
	if service := m.Service(); service != "" {
		sentence += "; is " + service + " running?"
	}
	return sentence
}

// services are what modules talk to, by the beginning of their file's name, from the
// vendors' documentation.
var services = []struct{ prefix, service string }{
	{"libopencryptoki", "pkcsslotd"}, {"PKCS11_API", "pkcsslotd"},
	{"libykcs11", "pcscd"}, {"opensc-pkcs11", "pcscd"}, {"onepin-opensc-pkcs11", "pcscd"}, {"libeToken", "pcscd"}, {"libIDPrimePKCS11", "pcscd"},
	{"libtpm2_pkcs11", "tpm2-abrmd, or the TPM that TPM2_PKCS11_TCTI names,"},
	{"yubihsm_pkcs11", "yubihsm-connector, or the device that YUBIHSM_PKCS11_CONF names,"},
	{"libcknfast", "the nShield hardserver"}, {"libcloudhsm_pkcs11", "the cluster of cloudhsm-pkcs11.cfg"},
	{"p11-kit-client", "the p11-kit server of P11_KIT_SERVER_ADDRESS"},
}

// Service names what the module talks to, such as "pcscd", by its file's name; "" when
// that is not known or nothing.
func (m Module) Service() string {
	path := m.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for _, name := range []string{filepath.Base(m.Path), filepath.Base(path)} {
		for _, s := range services {
			if strings.HasPrefix(name, s.prefix) {
				return s.service
			}
		}
	}
	return ""
}
