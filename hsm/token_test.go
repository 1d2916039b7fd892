package hsm_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// processes are what this program is instead when KEYRITE_TEST_ and a name is set.
var processes = map[string]func(string){
	"HOLD": holdToken, "PROGRAM": showProgram, "TOKENS": listTokens, "MOUNTS": countMounts, "NOEXEC": withoutMemfd, "CRYPTO11": asService,
}

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		if len(os.Args) == 2 && os.Args[1] == pretender {
			pretend()
		}
		os.Exit(hsm.Helper())
	}
	for name, run := range processes {
		if text, ok := os.LookupEnv("KEYRITE_TEST_" + name); ok {
			run(text)
			os.Exit(0)
		}
	}
	code := m.Run()
	os.RemoveAll(proxyDir)
	hsmtest.RemoveHabits()
	os.Exit(code)
}

// wantError fails unless err is an *hsm.Error of this kind that has the text.
func wantError(t testing.TB, err, kind error, text string) {
	t.Helper()
	var e *hsm.Error
	if !errors.As(err, &e) || !errors.Is(err, kind) || !strings.Contains(err.Error(), text) {
		t.Fatalf("got %v, want an *hsm.Error %q with %q", err, kind, text)
	}
}

func TestEveryKeyTypeIsGeneratedFoundAndSigns(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	for _, kind := range hsm.KeyTypes() {
		made := hsmtest.Generate(t, token, "root-"+string(kind), kind)
		found, err := token.Find(t.Context(), made.Public())
		if err != nil {
			t.Fatal(err)
		}
		if found.Type() != kind || found.Label() != made.Label() || !bytes.Equal(found.ID(), made.ID()) {
			t.Errorf("%s: found %s %q %x", kind, found.Type(), found.Label(), found.ID())
		}
		if _, err := found.Sign(t.Context(), bytes.Repeat([]byte("metadata"), 100_000)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		e := made.Evidence()
		if !e.Local || !e.Sensitive || !e.AlwaysSensitive || e.Extractable || !e.NeverExtractable || e.Modifiable || e.Template != "locked" {
			t.Errorf("%s: evidence: %+v", kind, e)
		}
	}
	keys, err := token.Keys(t.Context())
	if err != nil || len(keys) != len(hsm.KeyTypes()) {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
}

func TestGenerateRefusesLabelsAndIDsInUse(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	first := hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	_, err := token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: hsm.Ed25519})
	wantError(t, err, hsm.ErrExists, `"root-a"`)
	_, err = token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte(first.ID()), Label: "root-b", Type: hsm.Ed25519})
	wantError(t, err, hsm.ErrExists, "root-b")
	for _, label := range []string{"", "schlüssel", "a\x1b[2J", " a", strings.Repeat("a", 65)} {
		_, err = token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{2}, Label: label, Type: hsm.Ed25519})
		wantError(t, err, hsm.ErrUsage, "label; got")
	}
	if left, err := token.FindID(t.Context(), bytes.Repeat([]byte{2}, 16)); err != nil || !left.Empty() {
		t.Errorf("left behind: %+v, %v", left, err)
	}
}

func TestDestroyRemovesBothHalves(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	key := hsmtest.Generate(t, token, "root-a", hsm.ECDSAP256)
	if left, err := token.FindID(t.Context(), key.ID()); err != nil || left.Key == nil || left.Public != 1 || left.Private != 1 {
		t.Fatalf("got %+v, %v", left, err)
	}
	if err := token.Destroy(t.Context(), key.ID()); err != nil {
		t.Fatal(err)
	}
	if left, err := token.FindID(t.Context(), key.ID()); err != nil || !left.Empty() {
		t.Errorf("got %+v, %v", left, err)
	}
	_, err := token.Find(t.Context(), key.Public())
	wantError(t, err, hsm.ErrKeyNotFound, "officer-1")
	wantError(t, token.Destroy(t.Context(), key.ID()), hsm.ErrKeyNotFound, "no object with id")
}

func TestFindWantsTheExactKey(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	other, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = token.Find(t.Context(), other)
	wantError(t, err, hsm.ErrKeyNotFound, "no public key on the token")
}

func TestLogin(t *testing.T) {
	m, uri, pin := hsmtest.Token(t, "officer-1")
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	_, err = token.Keys(t.Context())
	wantError(t, err, hsm.ErrNotLoggedIn, "officer-1")
	wantError(t, token.Login(t.Context(), []byte("wrong")), hsm.ErrPINIncorrect, "C_Login: wrong PIN; the token counts the tries (count-low): answer CKR_PIN_INCORRECT (0xA0)")
	wantError(t, token.Login(t.Context(), nil), hsm.ErrPINInvalid, "empty")
	if err := token.Login(t.Context(), []byte(pin)); err != nil {
		t.Fatal(err)
	}
	wantError(t, token.Login(t.Context(), []byte(pin)), hsm.ErrUsage, "logged in already")
}

func TestOpenWantsExactlyOneToken(t *testing.T) {
	m, first, _ := hsmtest.Token(t, "officer-1")
	second := hsmtest.AddToken(t, m, "officer-2")
	for _, uri := range []hsm.URI{first, second, {Serial: first.Serial}, {Token: "officer-2"}} {
		token, err := hsm.Open(t.Context(), m, uri)
		if err != nil {
			t.Fatal(err)
		}
		token.Close()
	}
	_, err := hsm.Open(t.Context(), m, hsm.URI{Model: first.Model, Manufacturer: first.Manufacturer})
	wantError(t, err, hsm.ErrAmbiguous, second.Serial)
	_, err = hsm.Open(t.Context(), m, hsm.URI{Serial: "123"})
	wantError(t, err, hsm.ErrTokenNotFound, first.Serial)
}

func TestTokenIsLockedWhileOpen(t *testing.T) {
	m, uri, _ := hsmtest.Token(t, "officer-1")
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	_, err = hsm.Open(t.Context(), m, uri)
	wantError(t, err, hsm.ErrBusy, "officer-1")
	if err := errors.Join(token.Close(), token.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = again.Keys(t.Context())
	wantError(t, err, hsm.ErrClosed, "officer-1")
}

func TestInitToken(t *testing.T) {
	m, uri, _ := hsmtest.Token(t, "officer-1")
	initialise := func(which hsm.InitTarget, label string) (hsm.TokenInfo, error) {
		return hsm.InitToken(t.Context(), m, which, label, []byte(hsmtest.SOPIN), []byte("5678"))
	}
	_, err := initialise(hsm.InitTarget{}, "officer-1")
	wantError(t, err, hsm.ErrExists, uri.Serial)
	listing, err := hsm.Tokens(t.Context(), m)
	tokens := listing.Tokens
	if err != nil || len(tokens) != 2 || tokens[0].Serial != uri.Serial || tokens[1].Initialized {
		t.Fatalf("got %+v, %v", tokens, err)
	}
	_, err = initialise(hsm.InitTarget{Slot: &tokens[0].Slot}, "officer-9")
	wantError(t, err, hsm.ErrExists, "destroys its keys")
	_, err = initialise(hsm.InitTarget{Slot: &tokens[0].Slot, EraseSerial: "123"}, "officer-9")
	wantError(t, err, hsm.ErrExists, "destroys its keys")
	_, err = initialise(hsm.InitTarget{EraseSerial: "123"}, "officer-9")
	wantError(t, err, hsm.ErrTokenNotFound, uri.Serial)
	erased, err := initialise(hsm.InitTarget{EraseSerial: uri.Serial}, "officer-9")
	if err != nil || erased.Label != "officer-9" || !erased.UserPINSet {
		t.Fatalf("got %+v, %v", erased, err)
	}
	_, err = initialise(hsm.InitTarget{}, strings.Repeat("x", 33))
	wantError(t, err, hsm.ErrUsage, "1 to 32")
}

func TestCapabilities(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	c, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[hsm.KeyType]string{hsm.Ed25519: "CKM_EDDSA", hsm.ECDSAP256: "CKM_ECDSA", hsm.ECDSAP384: "CKM_ECDSA",
		hsm.RSA3072: "CKM_SHA256_RSA_PKCS_PSS", hsm.RSA4096: "CKM_SHA256_RSA_PKCS_PSS"}
	for _, k := range c.Keys {
		if !k.Generate || k.Sign != want[k.Type] {
			t.Errorf("got %+v, want %s", k, want[k.Type])
		}
	}
}

// A token that does not hash gets digests, and the signatures are the same.
func TestRSAOverADigest(t *testing.T) {
	g := softHSMTarget(t, hsm.RSA3072)
	g.module = behindProxy(t, g.module, "C_GetMechanismList 0 after hide=0x43", os.DevNull)
	token := g.open(t)
	defer token.Close()
	key := hsmtest.Generate(t, token, "root-a", g.kind)
	if m := key.Evidence().SignMechanism; m != "CKM_RSA_PKCS_PSS" {
		t.Errorf("signs with %s", m)
	}
	if _, err := key.Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
}

func TestModuleIsCheckedBeforeItIsLoaded(t *testing.T) {
	good := hsmtest.Module(t)
	text := t.TempDir() + "/text.so"
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text string
		module     hsm.Module
	}{
		{"missing", "no such file", hsm.Module{Path: "/nowhere/lib.so"}},
		{"relative", "not absolute", hsm.Module{Path: "lib.so"}},
		{"directory", "not a file", hsm.Module{Path: "/usr"}},
		{"not a library", "not a shared object", hsm.Module{Path: text}},
		{"not PKCS#11", "no C_GetFunctionList", hsm.Module{Path: "/lib/x86_64-linux-gnu/libc.so.6"}},
		{"other hash", "want 00", hsm.Module{Path: good.Path, SHA256: strings.Repeat("0", 64)}},
		{"preloaded code", "LD_PRELOAD is refused", hsm.Module{Path: good.Path, Env: map[string]string{"LD_PRELOAD": "/evil.so"}}},
		{"spy", "writes PINs", hsm.Module{Path: compiled(t, "harmless.so", `char *a(void) { return getenv("PKCS11SPY"); }`)}},
		{"no spy", "no C_GetFunctionList", hsm.Module{Path: compiled(t, "pkcs11-spy.so", `char *a(void) { return getenv("PKCS11"); }`)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.module.Name = "safe"
			_, err := hsm.Tokens(t.Context(), test.module)
			wantError(t, err, hsm.ErrModule, test.text)
		})
	}
}

// compiled is a shared object of a line of C.
func compiled(t *testing.T, name, code string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cc := exec.Command("cc", "-shared", "-fPIC", "-include", "stdlib.h", "-o", path, "-xc", "-")
	cc.Stdin = strings.NewReader(code)
	if out, err := cc.CombinedOutput(); err != nil {
		t.Fatalf("cc: %v: %s", err, out)
	}
	return path
}

func TestInterruptedCallEndsTheHelper(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := token.Keys(ctx)
	wantError(t, err, hsm.ErrCanceled, "officer-1")
}

func TestProofOfPossession(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	key := hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	proof, err := key.Prove(t.Context(), "root-a", time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Verify("root-a", key.Public()); err != nil {
		t.Error(err)
	}
	other := hsmtest.Generate(t, token, "root-b", hsm.Ed25519)
	wantError(t, proof.Verify("root-a", other.Public()), hsm.ErrProof, "ed25519")
	wantError(t, proof.Verify("snapshot-a", key.Public()), hsm.ErrProof, "ed25519") // a renamed record
	later := proof
	later.Time = later.Time.Add(time.Second)
	wantError(t, later.Verify("root-a", key.Public()), hsm.ErrProof, "ed25519")
	elsewhere := proof
	elsewhere.TokenSerial += "0"
	wantError(t, elsewhere.Verify("root-a", key.Public()), hsm.ErrProof, "ed25519")
	broken := proof
	broken.Signature = "!" + broken.Signature
	wantError(t, broken.Verify("root-a", key.Public()), hsm.ErrProof, "base64")
}
