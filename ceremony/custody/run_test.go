package custody

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

const smallTrust = `version: 1
fleet: small
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: a}
      targets-a: {type: ecdsa-p256, custodian: b}
      snapshot-a: {type: ed25519, custodian: c}
      timestamp-a: {type: ed25519, custodian: d}
    roles:
      root: {keys: [root-a], threshold: 1, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    waivers:
      - {check: ROOT-UNATTENDED, reason: test, person: test}
`

var testNow = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// smallWorkspace is a repository with one key for each role, all on one token
// whose PIN lies in a file.
func smallWorkspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module, err := hsm.NewSoftHSM(mkdir(t, dir, "hsm"))
	if err != nil {
		t.Fatal(err)
	}
	uri := hsmtest.AddToken(t, module, "all")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pin", hsmtest.PIN)
	write(workspace.TrustFile, smallTrust)
	write(workspace.SiteFile, fmt.Sprintf(`version: 1
modules:
  soft: {path: %s, env: {SOFTHSM2_CONF: hsm/softhsm2.conf}}
tokens:
  all: {module: soft, uri: %q, pin: "file:%s/pin", unattended: [root, targets, snapshot, timestamp]}
keys: {root-a: all, targets-a: all, snapshot-a: all, timestamp-a: all}
`, module.Path, uri, dir))
	mkdir(t, dir, "keys")
	return dir
}

func mkdir(t *testing.T, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
