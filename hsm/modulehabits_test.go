//go:build modules

package hsm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"testing"
	"unsafe"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
)

// Which of the habits of testdata/habits.c a real module has: it is asked as any
// program would ask it, without keyrite, in a process of its own.

// asked is a module and its token, as JSON in KEYRITE_TEST_HABITS.
type asked struct {
	Path, Init, Token, PIN string
	RSA                    bool // it makes no others
}

func init() { processes["HABITS"] = showHabits }

// habits that the module has are for the table in the docs. Those that are asserted
// elsewhere too are wanted here.
func (r *moduleRun) habits(t *testing.T) {
	text, err := json.Marshal(asked{r.module.Path, r.module.Init, r.uri.Token, matrixPIN, r.quirks.kind == hsm.RSA3072})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "KEYRITE_TEST_HABITS="+string(text))
	for name, value := range r.module.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var has []string
	if err := json.Unmarshal(out.Bytes(), &has); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	for habit, want := range map[string]bool{"not-local": r.quirks.unproven, "initialize": r.module.Init != "", "wrong-handles": r.module.Name == "tpm2-pkcs11"} {
		if slices.Contains(has, habit) != want {
			t.Errorf("%s: got %v, want %v", habit, !want, want)
		}
	}
	r.found.Habits = append(r.found.Habits, has...)
}

// prober asks a module.
type prober struct {
	*pkcs11.Ctx
	slot    uint
	session pkcs11.SessionHandle
	made    [][2]pkcs11.ObjectHandle
	has     map[string]bool
}

// check ends the process: what is asked here, every module of the suite can.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		panic(err)
	}
}

// showHabits is the process.
func showHabits(text string) {
	var a asked
	check(json.Unmarshal([]byte(text), &a))
	p := prober{Ctx: pkcs11.New(a.Path), has: map[string]bool{}}
	p.start(a.Init)
	p.lookAround(a.Token)
	p.login(a.PIN)
	if a.RSA {
		p.keys(pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, pkcs11.CKA_MODULUS, pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, 2048))
	} else {
		p.keys(pkcs11.CKM_EC_KEY_PAIR_GEN, pkcs11.CKA_EC_POINT, pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}))
	}
	p.curves()
	for _, pair := range p.made {
		check(errors.Join(p.DestroyObject(p.session, pair[0]), p.DestroyObject(p.session, pair[1])))
	}
	check(p.Finalize())
	check(json.NewEncoder(os.Stdout).Encode(slices.Sorted(maps.Keys(p.has))))
}

// note says that the module has a habit, or not here.
func (p *prober) note(habit string, has bool) {
	if has {
		p.has[habit] = true
	}
}

func (p *prober) start(init string) {
	err := p.Initialize()
	if err != nil {
		p.note("initialize", true)
		reserved := append([]byte(init), 0)
		err = p.Initialize(pkcs11.InitializeWithReserved(unsafe.Pointer(&reserved[0])))
	}
	check(err)
}

// lookAround looks at every slot, and finds the token.
func (p *prober) lookAround(label string) {
	slots, err := p.GetSlotList(true)
	check(err)
	found := false
	for _, slot := range slots {
		info, err := p.GetTokenInfo(slot)
		p.note("slot", err != nil)
		if info.Label == label && err == nil && !found {
			p.slot, found = slot, true
			p.note("flags-clear", info.Flags&pkcs11.CKF_LOGIN_REQUIRED == 0 || info.Flags&pkcs11.CKF_USER_PIN_INITIALIZED == 0)
		}
	}
	list, err := p.GetMechanismList(p.slot)
	check(err)
	for _, m := range list {
		_, err := p.GetMechanismInfo(p.slot, []*pkcs11.Mechanism{m})
		p.note("mechanism-info", err != nil)
	}
}

func (p *prober) login(pin string) {
	session, err := p.OpenSession(p.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		p.note("read-only", true)
		session, err = p.OpenSession(p.slot, pkcs11.CKF_SERIAL_SESSION)
	}
	check(err)
	p.session = session
	if err := p.Login(session, pkcs11.CKU_USER, pin); errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)) {
		p.note("logged-in", true)
	} else {
		check(err)
	}
}

// pair makes a pair with an id and a label.
func (p *prober) pair(mechanism uint, id string, public ...*pkcs11.Attribute) (pair [2]pkcs11.ObjectHandle, err error) {
	a := pkcs11.NewAttribute
	common := []*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, []byte(id)), a(pkcs11.CKA_LABEL, id)}
	pair[0], pair[1], err = p.GenerateKeyPair(p.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)},
		slices.Concat(common, public, []*pkcs11.Attribute{a(pkcs11.CKA_VERIFY, true)}),
		slices.Concat(common, []*pkcs11.Attribute{a(pkcs11.CKA_PRIVATE, true), a(pkcs11.CKA_SENSITIVE, true), a(pkcs11.CKA_SIGN, true)}))
	return pair, err
}

// keys looks at new keys, and searches for them.
func (p *prober) keys(mechanism, value uint, public *pkcs11.Attribute) {
	first, err := p.pair(mechanism, "first", public)
	check(err)
	second, err := p.pair(mechanism, "second", public)
	check(err)
	local := p.get(first[1], pkcs11.CKA_LOCAL)
	p.note("not-local", len(local) == 0 || local[0] == 0)
	p.note("own-ids", string(p.get(first[1], pkcs11.CKA_ID)) != "first")
	p.note("search-value", !p.finds(first[0], pkcs11.NewAttribute(value, p.get(first[0], value))))
	p.note("search-class", !p.finds(first[1], pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, p.get(first[1], pkcs11.CKA_ID))))
	check(errors.Join(p.DestroyObject(p.session, first[0]), p.DestroyObject(p.session, first[1])))
	third, err := p.pair(mechanism, "third", public)
	check(err)
	p.note("wrong-handles", third[0] == second[0] || third[0] == second[1] || third[1] == second[0] || third[1] == second[1])
	p.made = append(p.made, second)
	if !p.has["wrong-handles"] { // the third pair is out of reach there
		p.made = append(p.made, third)
	}
}

// curves tries Ed25519 in both spellings, where the token has it.
func (p *prober) curves() {
	const edwards = 0x1055 // CKM_EC_EDWARDS_KEY_PAIR_GEN
	list, err := p.GetMechanismList(p.slot)
	check(err)
	if !slices.ContainsFunc(list, func(m *pkcs11.Mechanism) bool { return m.Mechanism == edwards }) {
		return
	}
	for habit, other := range map[string]string{"curve-name": "\x06\x03\x2b\x65\x70", "curve-oid": "\x13\x0cedwards25519"} {
		if pair, err := p.pair(edwards, habit, pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, []byte(other))); err != nil {
			p.note(habit, true)
		} else {
			p.made = append(p.made, pair)
		}
	}
}

func (p *prober) get(object pkcs11.ObjectHandle, kind uint) []byte {
	got, err := p.GetAttributeValue(p.session, object, []*pkcs11.Attribute{pkcs11.NewAttribute(kind, nil)})
	if err != nil {
		return nil
	}
	return got[0].Value
}

// finds reports whether a search finds the object.
func (p *prober) finds(object pkcs11.ObjectHandle, template ...*pkcs11.Attribute) bool {
	if p.FindObjectsInit(p.session, template) != nil {
		return false
	}
	found, _, err := p.FindObjects(p.session, 10)
	return errors.Join(err, p.FindObjectsFinal(p.session)) == nil && slices.Contains(found, object)
}
