package ceremonytest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// SmallTrust is the trust.yaml of a Small workspace.
const SmallTrust = `version: 1
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

// Small is a workspace with one key for each role, all on one SoftHSM token whose
// PIN lies in a file.
func Small(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	module, err := hsm.NewSoftHSM(MakeDir(t, dir, "hsm"))
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
	write(workspace.TrustFile, SmallTrust)
	write(workspace.SiteFile, fmt.Sprintf(`version: 1
site: main
modules:
  soft: {path: %s, sha256: %s, env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
tokens:
  all: {module: soft, uri: %q, pin: "file:%s/pin", unattended: [root, targets, snapshot, timestamp]}
keys: {root-a: all, targets-a: all, snapshot-a: all, timestamp-a: all}
`, module.Path, module.SHA256, uri, dir))
	MakeDir(t, dir, "keys")
	return dir
}

// CopySmall copies a Small workspace with its token.
func CopySmall(t testing.TB, from string) string {
	t.Helper()
	to := Copy(t, from, "site.yaml", "hsm/softhsm2.conf")
	if err := os.Chmod(filepath.Join(to, "pin"), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
