// SoftHSM2: the token in software that tests, rehearsals and the demo use. Each
// use gets a directory of its own, never the user's.

package hsm

import (
	"fmt"
	"os"
	"path/filepath"
)

// softHSMPaths are where the distributions put the module.
var softHSMPaths = []string{
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib64/pkcs11/libsofthsm2.so",
	"/usr/lib/pkcs11/libsofthsm2.so",
	"/usr/lib64/softhsm/libsofthsm.so",
}

// SoftHSM returns the path of the SoftHSM2 module: the environment variable
// KEYRITE_SOFTHSM when it is set, else the first that is installed.
func SoftHSM() (string, error) {
	if path := os.Getenv("KEYRITE_SOFTHSM"); path != "" {
		return path, nil
	}
	for _, path := range softHSMPaths {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	e := newError("softhsm", "", ErrModule, "SoftHSM2 is not installed")
	e.Hint = "run scripts/hsm-softhsm.sh, or name the module in KEYRITE_SOFTHSM"
	return "", e
}

// NewSoftHSM makes an empty SoftHSM2 of its own in dir, an existing directory:
// softhsm2.conf and tokens/. The module's Env and State name them. Only one process at
// a time should change the tokens of one directory.
func NewSoftHSM(dir string) (Module, error) {
	path, err := SoftHSM()
	if err != nil {
		return Module{}, err
	}
	return NewSoftHSMOf(path, dir)
}

// NewSoftHSMOf is NewSoftHSM with the module at path.
func NewSoftHSMOf(path, dir string) (Module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Module{}, newError("softhsm", "", ErrModule, "%v", err)
	}
	tokens, conf := filepath.Join(dir, "tokens"), filepath.Join(dir, "softhsm2.conf")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		return Module{}, newError("softhsm", "", ErrModule, "%v", err)
	}
	text := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n"+
		"slots.removable = false\nlibrary.reset_on_fork = false\n", tokens)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return Module{}, newError("softhsm", "", ErrModule, "%v", err)
	}
	hash, err := HashModule(path)
	if err != nil {
		return Module{}, err
	}
	return Module{Name: "softhsm", Path: path, SHA256: hash, Env: map[string]string{"SOFTHSM2_CONF": conf}, State: []string{tokens}}, nil
}
