//go:build modules

package hsm_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// The tests of this file run on the module that scripts/hsm-test.sh names in the
// environment: KEYRITE_MODULE (name and path), KEYRITE_MODULE_ENV (NAME=VALUE
// words), KEYRITE_MODULE_STATE, _READS and _CONNECTS (paths), KEYRITE_SO_PIN, and
// KEYRITE_REPORTS, a directory for what they found.

const matrixPIN = "7654321" // openCryptoki takes 4 to 8 characters

func required(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set; run scripts/hsm-test.sh", name)
	}
	return value
}

// matrixModule is the module under test.
func matrixModule(t testing.TB) hsm.Module {
	t.Helper()
	name, path, _ := strings.Cut(required(t, "KEYRITE_MODULE"), " ")
	m := hsm.Module{Name: name, Path: path, Env: map[string]string{}, State: strings.Fields(os.Getenv("KEYRITE_MODULE_STATE")),
		Reads: strings.Fields(os.Getenv("KEYRITE_MODULE_READS")), Connects: strings.Fields(os.Getenv("KEYRITE_MODULE_CONNECTS"))}
	for _, word := range strings.Fields(os.Getenv("KEYRITE_MODULE_ENV")) {
		name, value, _ := strings.Cut(word, "=")
		m.Env[name] = value
	}
	return m
}

// matrixURI sets up the one token of the module, or finds it set up.
func matrixURI(t *testing.T, m hsm.Module) hsm.URI {
	t.Helper()
	listing, err := hsm.Tokens(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range listing.Tokens {
		if token.Initialized && token.Label == "matrix" {
			return token.URI()
		}
	}
	info, err := hsm.InitToken(t.Context(), m, hsm.InitTarget{}, "matrix", []byte(required(t, "KEYRITE_SO_PIN")), []byte(matrixPIN))
	if err != nil {
		t.Fatal(err)
	}
	return info.URI()
}

func matrixToken(t *testing.T) *hsm.Token {
	t.Helper()
	m := matrixModule(t)
	g := target{module: m, uri: matrixURI(t, m), pin: matrixPIN}
	token := g.open(t)
	t.Cleanup(func() { token.Close() })
	return token
}

func TestModuleEveryKeyType(t *testing.T) {
	token := matrixToken(t)
	c, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, can := range c.Keys {
		if !can.Generate {
			continue
		}
		t.Run(string(can.Type), func(t *testing.T) { tryKey(t, token, can) })
	}
	writeReport(t, hsm.Report{Name: token.Info().Module, Token: token.Info(), Capabilities: c})
}

// tryKey takes a key through its whole life.
func tryKey(t *testing.T, token *hsm.Token, can hsm.KeyCapability) {
	made := hsmtest.Generate(t, token, "matrix-"+string(can.Type), can.Type)
	key, err := token.Find(t.Context(), made.Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 1 << 20} {
		if _, err := key.Sign(t.Context(), bytes.Repeat([]byte("x"), size)); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	proof, err := key.Prove(t.Context(), "matrix", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Verify("matrix", made.Public()); err != nil {
		t.Error(err)
	}
	e := made.Evidence()
	if !e.Local || !e.Sensitive || e.Extractable || e.SignMechanism != can.Sign {
		t.Errorf("evidence: %+v", e)
	}
	t.Logf("template %s, modifiable %v, mechanism %s", e.Template, e.Modifiable, e.SignMechanism)
	if err := token.Destroy(t.Context(), made.ID()); err != nil {
		t.Error(err)
	}
	if left, err := token.FindID(t.Context(), made.ID()); err != nil || !left.Empty() {
		t.Errorf("after destruction: %+v, %v", left, err)
	}
}

// writeReport leaves the token's capabilities for the table in the docs.
func writeReport(t *testing.T, r hsm.Report) {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(required(t, "KEYRITE_REPORTS"), r.Token.Module+".json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestModuleFaults(t *testing.T) {
	m := matrixModule(t)
	g := target{m, matrixURI(t, m), matrixPIN, hsm.ECDSAP256}
	if m.Name == "opencryptoki" {
		g.kind = hsm.RSA3072 // it has no other
	}
	pairs := tryFaults(t, g, false)
	text := strings.Join(pairs, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(required(t, "KEYRITE_REPORTS"), m.Name+".pairs"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What the table says of the module is so.
func TestModuleLedger(t *testing.T) {
	m := matrixModule(t)
	g := target{m, matrixURI(t, m), matrixPIN, hsm.ECDSAP256}
	token := g.open(t)
	support := token.Info().Ledger()
	t.Logf("module by %q, token by %q, model %q: %+v", token.Info().Library, token.Info().Manufacturer, token.Info().Model, support)
	_, err := token.Ledger(t.Context())
	token.Close()
	if want := m.Name != "opencryptoki"; support.Holds != want {
		t.Fatalf("holds a ledger: got %v, want %v", support.Holds, want)
	}
	if !support.Holds {
		wantError(t, err, hsm.ErrUnsupported, support.Reason)
		return
	}
	if !support.Genesis {
		token := g.open(t)
		genesis := hsm.LedgerRecord{Key: aRecord(1, 1).Key, Time: time.Unix(1, 0)}
		wantError(t, token.CreateLedgerRecord(t.Context(), genesis), hsm.ErrUnsupported, "never be destroyed")
		token.Close()
	}
	keepLedger(t, g)
	killLedger(t, g)
}

func TestModuleWrongPIN(t *testing.T) {
	m := matrixModule(t)
	uri := matrixURI(t, m)
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	for range 2 {
		wantError(t, token.Login(t.Context(), []byte("0000000")), hsm.ErrPINIncorrect, "C_Login")
	}
	err = token.Login(t.Context(), []byte(matrixPIN))
	if m.Name == "opencryptoki" { // the one that counts and says so
		wantError(t, err, hsm.ErrPINFinalTry, "one PIN try is left")
		err = token.LoginFinalTry(t.Context(), []byte(matrixPIN))
	}
	if err != nil {
		t.Error(err)
	}
}

// TestCapabilityTable runs after the others: the table in the docs is what the
// three modules said. KEYRITE_UPDATE=1 writes it.
func TestCapabilityTable(t *testing.T) {
	var reports []hsm.Report
	for _, name := range []string{"softhsm", "opencryptoki", "tpm2"} {
		data, err := os.ReadFile(filepath.Join(required(t, "KEYRITE_REPORTS"), name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var r hsm.Report
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	table := hsm.CapabilityTable(reports)
	const path, begin, end = "../docs/hsm-modules.md", "<!-- begin table -->\n", "<!-- end table -->\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table", path)
	}
	want := before + begin + table + end + after
	if os.Getenv("KEYRITE_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(data) {
		t.Errorf("%s is not what the modules say; run KEYRITE_UPDATE=1 scripts/hsm-test.sh. Want:\n%s", path, table)
	}
}
