//go:build modules

package hsm_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// The tests of this file and of module*_test.go run on the module that
// scripts/hsm-test.sh names in the environment: KEYRITE_MODULE (name and path),
// KEYRITE_MODULE_ENV (NAME=VALUE words), KEYRITE_MODULE_STATE, _READS and _CONNECTS
// (paths), KEYRITE_MODULE_INIT, KEYRITE_MODULE_LABEL (of a token that is set up
// already), and KEYRITE_REPORTS, a directory for what was found.

const (
	matrixPIN   = "76543210" // openCryptoki takes 4 to 8 characters, kryoptic 8 and more
	matrixSOPIN = "87654321" // what openCryptoki has at first
)

// quirks are what a module does otherwise than SoftHSM does. What it cannot is
// refused, and the refusal is wanted with these words.
type quirks struct {
	kind       hsm.KeyType // that faults are tried with
	neighbours int         // tokens in slots before the module's own
	emptyFirst bool        // it shows no token when it is started for the first time
	noInit     string      // its token is not set up by keyrite
	noErase    string      // nor a second time
	unproven   bool        // it gives no evidence of where its keys were made
	finalTry   bool        // after two wrong PINs it says that one try is left
	noWrapping string      // it takes no wrapping key
	noLedger   string      // it keeps no ledger
	noService  string      // a service does not reach it through crypto11
	noPSS      string      // a service does not sign RSA-PSS over a digest
	anyScheme  bool        // a service signs with RSA keys in other ways too

	spoiled []spoiled // how it is started in vain
}

// spoiled is a module that lacks something, and what is said of it.
type spoiled struct {
	spoil func(m *hsm.Module, empty string) // empty is a folder
	says  string
}

// moduleRun is one module, and what was found about it.
type moduleRun struct {
	module hsm.Module
	quirks quirks
	uri    hsm.URI
	found  findings
}

// findings are what the tests found about a module, for docs/hsm-modules.md.
type findings struct {
	Report hsm.Report
	Facts  []fact   // rows of a table, in order
	Habits []string // names of testdata/habits.c that it has too
}

type fact struct{ Name, Value string }

func (r *moduleRun) fact(name, value string) {
	r.found.Facts = append(r.found.Facts, fact{name, value})
}

func required(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set; run scripts/hsm-test.sh", name)
	}
	return value
}

// underTest is the module of the environment.
func underTest(t testing.TB) *moduleRun {
	t.Helper()
	name, path, _ := strings.Cut(required(t, "KEYRITE_MODULE"), " ")
	paths := func(field string) []string { return strings.Fields(os.Getenv("KEYRITE_MODULE_" + field)) }
	m := hsm.Module{Name: name, Path: path, Env: map[string]string{}, Init: os.Getenv("KEYRITE_MODULE_INIT"),
		State: paths("STATE"), Reads: paths("READS"), Connects: paths("CONNECTS")}
	for _, word := range paths("ENV") {
		name, value, _ := strings.Cut(word, "=")
		m.Env[name] = value
	}
	q, ok := quirksOf[name]
	if !ok {
		t.Fatalf("module %q is not in quirksOf", name)
	}
	return &moduleRun{module: m, quirks: q}
}

// target is the module's token.
func (r *moduleRun) target() target {
	return target{r.module, r.uri, matrixPIN, r.quirks.kind, r.quirks.unproven, r.quirks.neighbours}
}

// open opens the token and logs in; it is closed when the test ends.
func (r *moduleRun) open(t *testing.T) *hsm.Token {
	t.Helper()
	token := r.target().open(t)
	t.Cleanup(func() { token.Close() })
	return token
}

// All that a ceremony needs, on one module.
func TestModule(t *testing.T) {
	r := underTest(t)
	for _, part := range []struct {
		name string
		try  func(*testing.T)
	}{
		{"set up", r.setUp}, {"habits", r.habits}, {"keys", r.keys}, {"evidence", r.evidence}, {"login", r.login}, {"wrong PIN", r.wrongPIN},
		{"backup", r.backup}, {"ledger", r.ledger}, {"services", r.services}, {"broken", r.broken}, {"faults", r.faults},
	} {
		if !t.Run(part.name, part.try) && part.name == "set up" {
			return
		}
	}
	data, err := json.Marshal(r.found)
	if err != nil {
		t.Fatal(err)
	}
	report(t, r.module.Name+".json", string(data))
}

// refused fails unless err is what the module's quirk says, or nil where it has none.
func refused(t *testing.T, err, kind error, quirk string) {
	t.Helper()
	switch {
	case quirk != "":
		wantError(t, err, kind, quirk)
	case err != nil:
		t.Fatal(err)
	}
}
