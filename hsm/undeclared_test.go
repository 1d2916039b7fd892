package hsm

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What a configuration or an init string names is looked for: a folder as it stands, a
// file as its folder, whether it is there or not.
func TestUndeclaredPaths(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"store", "config", "tokens", "nss", "beside"} {
		must(t, os.Mkdir(at(name), 0o700))
	}
	must(t, os.WriteFile(at("store/there.sql"), nil, 0o600))
	for _, test := range []struct {
		config, init string
		want         []string
	}{
		{"directories.tokendir = " + at("tokens"), "", []string{at("tokens")}},
		{`dbargs = "` + at("store/there.sql") + `"`, "", []string{at("store")}},
		{`dbargs = "` + at("beside/new.sql") + `"`, "", []string{at("beside")}},
		{"connector = http://127.0.0.1:12345", "", nil},
		{"", "configdir='sql:" + at("nss") + "'", []string{at("nss")}},
	} {
		conf := at("config/conf")
		must(t, os.WriteFile(conf, []byte(test.config), 0o600))
		m := Module{Path: "/nowhere.so", Init: test.init, Env: map[string]string{"CONF": conf}}
		if got := m.undeclared(); !slices.Equal(got, test.want) {
			t.Errorf("%q %q: got %v, want %v", test.config, test.init, got, test.want)
		}
		if m.State = test.want; len(m.undeclared()) > 0 {
			t.Errorf("%q %q: declared, and got %v", test.config, test.init, m.undeclared())
		}
	}
}
