package workspace

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
)

const goodSite = `version: 1
site: main
modules:
  safe: {path: /usr/lib/softhsm/libsofthsm2.so, sha256: 4be1ab68d9d74e6a0c4a28a2ff8a4dd9a10a1ed1a5a8c8b1a5cbb7a3b3a9d001, timeout: 90s, init: "configdir='a'", state: [hsm/tokens], connects: [/run/a.socket], env: {SOFTHSM2_CONF: hsm/softhsm2.conf, TCTI: "tabrmd:bus_type=a/b"}}
tokens:
  officer-1: {module: safe, uri: "pkcs11:serial=8a3f;token=officer-1", pin: ask}
  ci: {module: safe, uri: "pkcs11:serial=77b1", pin: "file:/run/secrets/pin", unattended: [snapshot, timestamp]}
keys: {root-a: officer-1, snapshot-1: ci}
`

func TestParseSite(t *testing.T) {
	dir := t.TempDir()
	site, err := ParseSite("site.yaml", []byte(goodSite), dir)
	if err != nil {
		t.Fatal(err)
	}
	token, err := site.TokenOf("snapshot-1")
	if err != nil {
		t.Fatal(err)
	}
	if token.Name != "ci" || token.URI.Serial != "77b1" || token.PIN.String() != "file:/run/secrets/pin" || !slices.Equal(token.Unattended, []string{"snapshot", "timestamp"}) {
		t.Errorf("got %+v", token)
	}
	if m := token.Module; m.Name != "safe" || m.Path != "/usr/lib/softhsm/libsofthsm2.so" || m.Timeout != 90*time.Second || m.Init != "configdir='a'" {
		t.Errorf("got %+v", m)
	}
	if got, want := token.Module.Env["SOFTHSM2_CONF"], filepath.Join(dir, "hsm/softhsm2.conf"); got != want {
		t.Errorf("path in the workspace: got %q, want %q", got, want)
	}
	if got, want := token.Module.State, []string{filepath.Join(dir, "hsm/tokens")}; !slices.Equal(got, want) {
		t.Errorf("state: got %q, want %q", got, want)
	}
	if got, want := token.Module.Connects, []string{"/run/a.socket"}; !slices.Equal(got, want) {
		t.Errorf("connects: got %q, want %q", got, want)
	}
	if got, want := token.Module.Env["TCTI"], "tabrmd:bus_type=a/b"; got != want {
		t.Errorf("an option was taken for a path: got %q, want %q", got, want)
	}
	if got, want := site.TokenNames(), []string{"officer-1", "ci"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if token, err := site.Token("officer-1"); err != nil || !token.PIN.Asks() {
		t.Errorf("got %+v and %v", token, err)
	}
	for module, want := range map[string]string{"safe": "ci", "other": ""} {
		if got := site.NameOf(hsm.TokenInfo{Module: module, Label: token.URI.Token, Serial: token.URI.Serial}); got != want {
			t.Errorf("the token behind module %s is called %q, want %q", module, got, want)
		}
	}
	for what, err := range map[string]error{
		`site.yaml: keys.root-b is missing`:                  second(site.TokenOf("root-b")),
		`site.yaml: token is "x", want one of officer-1, ci`: second(site.Token("x")),
		`site.yaml: module is "x", want one of safe`:         second(site.Module("x")),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), what) || fault.CodeOf(err) != fault.Usage {
			t.Errorf("got %v, want %q", err, what)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestParseSiteRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"version", "version: 1", "version: 3", "site.yaml:1: version is 3, want 1"},
		{"no name", "site: main\n", "", "site is missing"},
		{"name is a path", "site: main", "site: ../main", "site.yaml:2: site is not a name"},
		{"a PIN", "pin: ask", "pin: 123456", "site.yaml:6: tokens.officer-1.pin cannot be used"},
		{"a field for a PIN", "pin: ask", "pin: ask, pin-value: 1234", "site.yaml:6: tokens.officer-1.pin-value is not a field"},
		{"module's path", "/usr/lib/softhsm/libsofthsm2.so", "libsofthsm2.so", "site.yaml:4: modules.safe.path is \"libsofthsm2.so\""},
		{"module's path that is a command", "/usr/lib/softhsm/", "/usr/lib/$(id)/", "modules.safe.path is"},
		{"module's path with ..", "/usr/lib/softhsm/", "/usr/lib/softhsm/../", "modules.safe.path is"},
		{"module's hash", "sha256: 4b", "sha256: 4B", "modules.safe.sha256 is \"4B"},
		{"no hash", "sha256: 4be1ab68d9d74e6a0c4a28a2ff8a4dd9a10a1ed1a5a8c8b1a5cbb7a3b3a9d001, ", "", "site.yaml:4: modules.safe.sha256 is missing, want the SHA-256 of /usr/lib/softhsm/libsofthsm2.so, since it sees PINs"},
		{"module's time-out", "timeout: 90s", "timeout: 1h", "modules.safe.timeout is \"1h\""},
		{"module's name", "  safe:", "  Safe:", "modules.Safe is not a name"},
		{"loader's variable", "TCTI:", "LD_PRELOAD:", "modules.safe cannot be used: env: LD_PRELOAD is refused"},
		{"too much", "[hsm/tokens]", "[/home]", "modules.safe cannot be used: state: /home is too much"},
		{"not a port", "timeout: 90s", "network: [hsm.example]", "modules.safe cannot be used: network: got \"hsm.example\""},
		{"token's module", "officer-1: {module: safe", "officer-1: {module: other", `tokens.officer-1.module is "other", which is not declared`},
		{"PIN in the URI", "pkcs11:serial=77b1", "pkcs11:serial=77b1?pin-value=1234", "tokens.ci.uri cannot be used"},
		{"URI of any token", "pkcs11:serial=77b1", "pkcs11:model=x", "tokens.ci.uri is"},
		{"one token twice", "pkcs11:serial=77b1", "pkcs11:serial=8a3f;token=officer-1", "tokens.ci.uri names the same token as officer-1"},
		{"unattended with a question", "pin: ask", "pin: ask, unattended: [root]", "tokens.officer-1.unattended is irrelevant"},
		{"unattended role twice", "[snapshot, timestamp]", "[snapshot, snapshot]", "tokens.ci.unattended lists \"snapshot\" twice"},
		{"unattended what", "[snapshot, timestamp]", "[\"*\"]", "tokens.ci.unattended lists \"*\", want names of roles"},
		{"key's token", "root-a: officer-1", "root-a: officer-9", `site.yaml:8: keys.root-a is "officer-9", which is not declared`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(goodSite, test.old) {
				t.Fatalf("%q is not in the file", test.old)
			}
			_, err := ParseSite("site.yaml", []byte(strings.Replace(goodSite, test.old, test.new, 1)), "/work")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("got code %d, want %d", fault.CodeOf(err), fault.Usage)
			}
			if err != nil && (strings.Contains(err.Error(), "123456") || strings.Contains(err.Error(), "=1234")) {
				t.Errorf("the error tells the PIN: %q", err)
			}
		})
	}
}

func FuzzSite(f *testing.F) {
	f.Add([]byte(goodSite))
	f.Fuzz(func(t *testing.T, data []byte) {
		site, err := ParseSite("site.yaml", data, "/work")
		if err != nil {
			return
		}
		for key := range site.Keys {
			if _, err := site.TokenOf(key); err != nil {
				t.Errorf("accepted, but %v", err)
			}
		}
	})
}
