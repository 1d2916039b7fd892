package life

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// softHSM is a token of the real module. Nobody sees what it signs, and it does not
// fail when it is told to.
type softHSM struct {
	module hsm.Module
	uri    hsm.URI
}

func onSoftHSM(w *world) rig {
	above := filepath.Dir(w.dir)
	w.check(os.Mkdir(filepath.Join(above, "hsm"), 0o700))
	module, err := hsm.NewSoftHSM(filepath.Join(above, "hsm"))
	w.check(err)
	info, err := hsm.InitToken(context.Background(), module, hsm.InitTarget{}, "all", []byte(hsmtest.SOPIN), []byte(hsmtest.PIN))
	w.check(err)
	w.write("../pin", hsmtest.PIN)
	return softHSM{module, info.URI()}
}

func (s softHSM) site(dir string, keys []string) string {
	var held []string
	for _, key := range keys {
		held = append(held, key+": all")
	}
	above := filepath.Dir(dir)
	return fmt.Sprintf(`version: 1
site: main
modules:
  soft: {path: %s, sha256: %s, env: {SOFTHSM2_CONF: "%s/hsm/softhsm2.conf"}, state: ["%s/hsm/tokens"]}
tokens: {all: {module: soft, uri: %q, pin: "file:%s/pin", unattended: [root, targets, snapshot, timestamp, acme]}}
keys: {%s}
`, s.module.Path, s.module.SHA256, above, above, s.uri, above, strings.Join(held, ", "))
}

func (softHSM) failAt(int)    {}
func (softHSM) watched() bool { return false }
func (softHSM) close()        {}
