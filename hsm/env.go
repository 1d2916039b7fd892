// The environment of a helper. Nothing stands in it when the process starts, since
// the dynamic loader acts on it then; the module's own variables are set when the
// helper is locked in and the loader's are without effect.

package hsm

import (
	"os"
	"regexp"
	"strings"
)

// plainVariables are those of keyrite's own that every module sees.
var plainVariables = []string{"HOME", "PATH", "LANG", "TZ", "TMPDIR"}

var envNames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// codeNames are variables that make a library load code, whose hash nobody has
// checked, into the process that holds the PIN.
var codeNames = regexp.MustCompile(`^(` + strings.Join([]string{
	"LD_.*", "GLIBC_.*", "MALLOC_.*", // ld.so(8), mallopt(3): preloading, audit, search paths, tunables
	"GCONV_PATH", "LOCPATH", "NLSPATH", // iconv(3), setlocale(3), catopen(3)
	"OPENSSL_.*",           // openssl-env(7): engines, providers, a configuration that names them
	"GIO_.*",               // modules of GLib
	"OPENSC_CONF",          // opensc.conf(5): card drivers by path
	"LIBPCSCLITE_DELEGATE", // pcsc-lite: another library in its place
}, "|") + `)$`)

// tctiNames are variables whose value begins with the name of a library of the TPM
// software stack: a plain name is looked up in the system's folders.
var tctiNames = regexp.MustCompile(`TCTI$`)

// CheckEnv refuses a variable that is none for a module: a name that is not one,
// or one by which a library loads code.
func CheckEnv(name, value string) error {
	switch {
	case !envNames.MatchString(name):
		return faultf(ErrModule, "env: %q is not the name of a variable; want letters, digits and _", name)
	case codeNames.MatchString(name):
		return faultf(ErrModule, "env: %s is refused: it would load code whose hash nobody has checked", name)
	case strings.ContainsRune(value, 0):
		return faultf(ErrModule, "env: %s has a NUL in its value", name)
	}
	library, _, _ := strings.Cut(value, ":")
	if tctiNames.MatchString(name) && strings.Contains(library, "/") {
		return faultf(ErrModule, "env: %s is refused: %s would load code whose hash nobody has checked; want the name of a TCTI", name, library)
	}
	return nil
}

// variables is what the module sees: its own variables and a few plain ones. Nothing
// else of keyrite's environment, least of all an env: PIN, reaches it.
func (m Module) variables() map[string]string {
	variables := map[string]string{}
	for _, name := range plainVariables {
		if value, ok := os.LookupEnv(name); ok {
			variables[name] = value
		}
	}
	for name, value := range m.Env {
		variables[name] = value
	}
	return variables
}

// setVariables sets them, for the C library too.
func setVariables(variables map[string]string) error {
	for name, value := range variables {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
