package hsm_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// proxyDir is a directory for the fault proxy; TestMain removes it.
var proxyDir = filepath.Join(os.TempDir(), fmt.Sprintf("keyrite-faultproxy-%d", os.Getpid()))

// buildProxy compiles testdata/faultproxy.c, once; a test that runs as another user
// is given the path.
var buildProxy = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("KEYRITE_TEST_FAULTPROXY"); path != "" {
		return path, nil
	}
	if err := os.Mkdir(proxyDir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(proxyDir, "faultproxy.so")
	out, err := exec.Command("cc", "-shared", "-fPIC", "-o", path, "testdata/faultproxy.c", "-ldl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %v: %s", err, out)
	}
	return path, nil
})

// behindProxy returns m behind the fault proxy, with a fault such as
// "C_Sign 1 after 0x32" or "" for none. The log of calls is next to nothing else
// in its directory.
func behindProxy(t testing.TB, m hsm.Module, fault, log string) hsm.Module {
	t.Helper()
	path, err := buildProxy()
	if err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(m.Env)
	if env == nil {
		env = map[string]string{}
	}
	env["FAULTPROXY_MODULE"], env["FAULTPROXY_LOG"] = m.Path, log
	if fault != "" {
		env["FAULTPROXY_FAULT"] = fault
	}
	if log != os.DevNull {
		m.State = append(slices.Clone(m.State), filepath.Dir(log))
	}
	m.Path, m.SHA256, m.Env = path, "", env
	return m
}

// target is a token to try faults on.
type target struct {
	module hsm.Module
	uri    hsm.URI
	pin    string
	kind   hsm.KeyType

	unproven   bool // the module gives no evidence of where its keys are made
	neighbours int  // tokens in slots before this one
}

// ceremony is everything that a ceremony asks of a token: generate, find, sign
// and destroy a key.
func (g target) ceremony(ctx context.Context) error {
	token, err := hsm.Open(ctx, g.module, g.uri)
	if err != nil {
		return err
	}
	defer token.Close()
	if err := token.Login(ctx, []byte(g.pin)); err != nil {
		return err
	}
	if _, err := token.Capabilities(ctx); err != nil {
		return err
	}
	made, err := token.Generate(ctx, hsm.KeySpec{ID: faultID, Label: "fault", Type: g.kind, Unproven: g.unproven})
	if err != nil {
		return err
	}
	key, err := token.Find(ctx, made.Public())
	if err != nil {
		return err
	}
	if _, err := key.Sign(ctx, []byte("metadata")); err != nil {
		return err
	}
	return token.Destroy(ctx, made.ID())
}

var faultID = [16]byte{'f', 'a', 'u', 'l', 't'}

// open opens the token and logs in, without a fault.
func (g target) open(t testing.TB) *hsm.Token {
	t.Helper()
	token, err := hsm.Open(t.Context(), g.module, g.uri)
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Login(t.Context(), []byte(g.pin)); err != nil {
		t.Fatal(err)
	}
	return token
}

// reconcile does what a ceremony does after an interruption: it looks what is
// under the id that was written down, and removes it. It reports what there was.
func (g target) reconcile(t *testing.T) hsm.Leftovers {
	t.Helper()
	token := g.open(t)
	defer token.Close()
	left, err := token.FindID(t.Context(), faultID[:])
	if err != nil {
		t.Fatal(err)
	}
	if left.Empty() {
		return left
	}
	if err := token.Destroy(t.Context(), faultID[:]); err != nil {
		t.Fatal(err)
	}
	return left
}

// calls runs a ceremony without a fault and counts its PKCS#11 calls.
func (g target) calls(t testing.TB) map[string]int {
	t.Helper()
	log := filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "", log)
	if err := g.ceremony(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls := countCalls(t, log)
	delete(calls, "C_Sign:length")
	return calls
}

func countCalls(t testing.TB, log string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, name := range strings.Fields(string(text)) {
		count[name]++
	}
	return count
}

// answers are the CKR values that a token may plausibly give at any call.
var answers = map[string]error{
	"0xA0":  hsm.ErrPINIncorrect,
	"0xA4":  hsm.ErrPINLocked,
	"0x32":  hsm.ErrTokenRemoved, // device removed
	"0xB3":  hsm.ErrTokenRemoved, // session handle invalid
	"0xE0":  hsm.ErrTokenRemoved, // token not present
	"0x31":  hsm.ErrFailed,       // device memory
	"0x6":   hsm.ErrFailed,       // function failed
	"0x70":  hsm.ErrUnsupported,  // mechanism invalid
	"0x101": hsm.ErrNotLoggedIn,
	"0x5":   hsm.ErrFailed, // general error
}

// atClose are calls that only clean up: the ceremony is done when they fail.
var atClose = []string{"C_Logout", "C_CloseSession", "C_Finalize"}

// goesOn are answers that do not end a ceremony: another template is tried, and a line
// of the token's capabilities is not clear.
var goesOn = map[string]string{"C_GenerateKeyPair": "0x5", "C_GetMechanismInfo": "any"}

// tryFaults makes each call of a ceremony answer each CKR: the first occurrence
// of the call, or every one. It returns the pairs of (call, CKR) that it tried.
func tryFaults(t *testing.T, g target, every bool) (pairs []string) {
	plain := g.module
	calls := g.calls(t)
	for _, call := range slices.Sorted(maps.Keys(calls)) {
		for _, ckr := range slices.Sorted(maps.Keys(answers)) {
			pairs = append(pairs, call+" "+ckr)
			first := 1
			if call == "C_GetTokenInfo" {
				first += g.neighbours // whose faults hide no other token
			}
			for n := first; n <= calls[call] && (every || n == first); n++ {
				g.module = behindProxy(t, plain, fmt.Sprintf("%s %d %s %s", call, n, when(call), ckr), os.DevNull)
				g.checkFault(t, call, ckr, n)
				g.module = plain
				left := g.reconcile(t)
				if !left.Empty() && left.Key == nil && call != "C_DestroyObject" {
					t.Errorf("%s #%d %s: left half a pair: %+v", call, n, ckr, left)
				}
			}
		}
	}
	if err := g.ceremony(t.Context()); err != nil {
		t.Errorf("after all faults: %v", err)
	}
	return pairs
}

// when says whether a call fails before or after its work was done. C_Sign and
// C_GenerateKeyPair fail after it: an operation must not stay active, and a pair
// that was made in spite of the error must not stay on the token.
func when(call string) string {
	if call == "C_Sign" || call == "C_GenerateKeyPair" || call == "C_FindObjectsFinal" {
		return "after"
	}
	return "before"
}

// checkFault runs a ceremony that goes wrong and looks at what it says.
func (g target) checkFault(t *testing.T, call, ckr string, n int) {
	t.Helper()
	err := g.ceremony(t.Context())
	if err == nil {
		if !slices.Contains(atClose, call) && goesOn[call] != ckr && goesOn[call] != "any" {
			t.Errorf("%s #%d %s: no error", call, n, ckr)
		}
		return
	}
	wantFault(t, err, call, ckr, g.uri.Token)
}

// wantFault fails unless err names the call, the answer and the token, is of the
// right kind, and has a hint.
func wantFault(t *testing.T, err error, call, ckr, token string) {
	t.Helper()
	var e *hsm.Error
	if !errors.As(err, &e) {
		t.Errorf("%s %s: got %T, want *hsm.Error: %v", call, ckr, err, err)
		return
	}
	want := answers[ckr]
	if call == "C_GetTokenInfo" && errors.Is(err, hsm.ErrTokenNotFound) {
		want = hsm.ErrTokenNotFound // the slot is one of several
	}
	if call == "C_Initialize" {
		want = hsm.ErrStart
	}
	if e.Call != call || !strings.Contains(e.CKR, "("+ckr+")") || !errors.Is(err, want) {
		t.Errorf("%s %s: got call %q, answer %q, %v; want %v", call, ckr, e.Call, e.CKR, err, want)
	}
	uri := hsm.URI{Token: token}.String()
	if !strings.Contains(err.Error(), token) && !strings.Contains(err.Error(), uri) || e.Hint == "" {
		t.Errorf("%s %s: names no token or gives no hint: %v", call, ckr, err)
	}
}

func softHSMTarget(t testing.TB, kind hsm.KeyType) target {
	t.Helper()
	m, uri, pin := hsmtest.Token(t, "officer-1")
	return target{module: m, uri: uri, pin: pin, kind: kind}
}

func TestFaults(t *testing.T) {
	for _, kind := range []hsm.KeyType{hsm.Ed25519, hsm.ECDSAP256} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			pairs := tryFaults(t, softHSMTarget(t, kind), os.Getenv("KEYRITE_FAULTS") == "every")
			t.Logf("softhsm %s: %d (call, CKR) pairs tried", kind, len(pairs))
		})
	}
}

func TestInitTokenFaults(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"C_Initialize", "C_GetSlotList", "C_GetTokenInfo", "C_InitToken", "C_OpenSession", "C_Login", "C_InitPIN"} {
		for ckr := range answers {
			m := hsmtest.Module(t)
			initialise := func(m hsm.Module, which hsm.InitTarget) error {
				_, err := hsm.InitToken(t.Context(), m, which, "officer-1", []byte(hsmtest.SOPIN), []byte(hsmtest.PIN))
				return err
			}
			report(t, "played.pairs", call+" "+ckr)
			err := initialise(behindProxy(t, m, call+" 1 before "+ckr, os.DevNull), hsm.InitTarget{})
			wantFault(t, err, call, ckr, "officer-1")
			listing, err := hsm.Tokens(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			// Whatever was done, doing it again helps.
			if err := initialise(m, hsm.InitTarget{EraseSerial: listing.Tokens[0].Serial}); err != nil {
				t.Errorf("%s %s: again: %v", call, ckr, err)
			}
		}
	}
}

func TestBackupFaults(t *testing.T) {
	t.Parallel()
	g := softHSMTarget(t, hsm.ECDSAP256)
	if _, err := hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte(hsmtest.SOPIN), components()); err != nil {
		t.Fatal(err)
	}
	from := softHSMTarget(t, g.kind) // a backup is restored on another token
	if _, err := hsm.ImportWrappingKey(t.Context(), from.module, from.uri, "backup", []byte(hsmtest.SOPIN), components()); err != nil {
		t.Fatal(err)
	}
	token := from.open(t)
	if _, err := token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: g.kind, Backup: true}); err != nil {
		t.Fatal(err)
	}
	token.Close()
	for _, call := range []string{"C_WrapKey", "C_UnwrapKey", "C_CreateObject"} {
		for ckr := range answers {
			report(t, "played.pairs", call+" "+ckr)
			faulty, faultyFrom := g, from
			faulty.module = behindProxy(t, g.module, call+" 1 after "+ckr, os.DevNull)
			faultyFrom.module = behindProxy(t, from.module, call+" 1 after "+ckr, os.DevNull)
			wantFault(t, faulty.restored(t, faultyFrom), call, ckr, "officer-1")
			if left := g.reconcile(t); !left.Empty() {
				t.Errorf("%s %s: left %+v", call, ckr, left)
			}
		}
	}
	if err := g.restored(t, from); err != nil {
		t.Error(err)
	}
}

// restored wraps the one key of a token and restores it on this one.
func (g target) restored(t *testing.T, from target) error {
	wrapped, err := from.wrapped(t)
	if err != nil {
		return err
	}
	token := g.open(t)
	defer token.Close()
	_, err = token.Restore(t.Context(), wrapped, faultID)
	return err
}

// wrapped wraps the one key of the token.
func (g target) wrapped(t *testing.T) (hsm.WrappedKey, error) {
	token := g.open(t)
	defer token.Close()
	keys, err := token.Keys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Fatalf("got %d keys, %v", len(keys), err)
	}
	return keys[0].Backup(t.Context(), "backup")
}
