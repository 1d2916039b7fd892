// What known modules need, ready to be put into site.yaml: measured on the module
// itself, or read in its vendor's documentation and not tried.

package hsm

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Block is what one kind of module needs. Paths are the usual ones.
type Block struct {
	Name     string            `json:"name"` // of the product
	Path     string            `json:"path"` // of its shared object
	State    []string          `json:"state,omitempty"`
	Reads    []string          `json:"reads,omitempty"`
	Connects []string          `json:"connects,omitempty"`
	Network  []string          `json:"network,omitempty"`
	Init     string            `json:"init,omitempty"`    // what it is given when it starts
	Env      map[string]string `json:"env,omitempty"`     // with an example for each variable
	Service  string            `json:"service,omitempty"` // what must run, "" when nothing
	Measured bool              `json:"measured"`          // tried with keyrite; otherwise read in the documentation
	Note     string            `json:"note,omitempty"`    // what a person decides, "" when nothing
}

// Blocks are the kinds of modules that are known, sorted by name.
func Blocks() []Block {
	return []Block{
		{Name: "aws-cloudhsm", Path: "/opt/cloudhsm/lib/libcloudhsm_pkcs11.so",
			State: []string{"/opt/cloudhsm/run"}, Reads: []string{"/opt/cloudhsm"}, Network: []string{"10.0.0.1:2223"},
			Note: "network: the address of each HSM of the cluster; configure-pkcs11 first"},
		{Name: "kryoptic", Path: "/usr/lib/x86_64-linux-gnu/pkcs11/libkryoptic_pkcs11.so",
			State: []string{"/var/lib/kryoptic"}, Env: map[string]string{"KRYOPTIC_CONF": "/etc/kryoptic/token.conf"}, Measured: true,
			Note: "state: the folder of the database that the configuration names"},
		{Name: "luna", Path: "/usr/safenet/lunaclient/lib/libCryptoki2_64.so",
			Reads: []string{"/etc/Chrystoki.conf"}, Network: []string{"luna.example:1792"},
			Note: "network: the appliance; ChrystokiConfigurationPath in env where the configuration is elsewhere, and that folder in reads"},
		{Name: "nshield", Path: "/opt/nfast/toolkits/pkcs11/libcknfast.so",
			State: []string{"/opt/nfast/kmdata/local"}, Reads: []string{"/opt/nfast"}, Connects: []string{"/dev/nfast/nserver"},
			Env: map[string]string{"CKNFAST_LOADSHARING": "1"}, Service: "the hardserver"},
		{Name: "nss", Path: "/usr/lib/x86_64-linux-gnu/libsoftokn3.so",
			State: []string{"/var/lib/nss"}, Init: "configdir='sql:/var/lib/nss'", Measured: true,
			Note: "state: the folder of the database, which certutil -N -d sql:DIR makes; no key of it is one for an offline role"},
		{Name: "opencryptoki", Path: "/usr/lib/x86_64-linux-gnu/pkcs11/libopencryptoki.so",
			State:    []string{"/var/lib/opencryptoki", "/var/lock/opencryptoki", "/dev/shm"},
			Reads:    []string{"/etc/opencryptoki"},
			Connects: []string{"/run/pkcsslotd.socket"}, Service: "pkcsslotd", Measured: true,
			Note: "state: /dev/shm is for the memory that its processes share, which they make there; run pkcsconf -t once before, it makes the token's files"},
		{Name: "opensc", Path: "/usr/lib/x86_64-linux-gnu/pkcs11/opensc-pkcs11.so",
			Reads: []string{"/etc/opensc"}, Connects: []string{"/run/pcscd/pcscd.comm"}, Service: "pcscd"},
		{Name: "p11-kit-client", Path: "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so",
			Connects: []string{"/run/user/1000/p11-kit/pkcs11"},
			Env:      map[string]string{"P11_KIT_SERVER_ADDRESS": "unix:path=/run/user/1000/p11-kit/pkcs11"}, Service: "p11-kit server", Measured: true},
		{Name: "p11-kit-proxy", Path: "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so",
			Reads: []string{"/etc/pkcs11"}, Measured: true, Note: "and what the modules need that it stands for"},
		{Name: "softhsm", Path: "/usr/lib/softhsm/libsofthsm2.so",
			State: []string{"/var/lib/softhsm/tokens"}, Env: map[string]string{"SOFTHSM2_CONF": "/etc/softhsm/softhsm2.conf"}, Measured: true,
			Note: "state: directories.tokendir of the configuration"},
		{Name: "tpm2-pkcs11", Path: "/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so",
			State: []string{"/var/lib/tpm2-pkcs11"}, Connects: []string{"/run/dbus/system_bus_socket"},
			Env:     map[string]string{"TPM2_PKCS11_STORE": "/var/lib/tpm2-pkcs11", "TPM2_PKCS11_TCTI": "tabrmd"},
			Service: "tpm2-abrmd", Measured: true,
			Note: "without tpm2-abrmd: TPM2_PKCS11_TCTI device:/dev/tpmrm0, and /dev/tpmrm0 in state in the place of connects"},
		{Name: "ykcs11", Path: "/usr/lib/x86_64-linux-gnu/libykcs11.so",
			Connects: []string{"/run/pcscd/pcscd.comm"}, Service: "pcscd"},
		{Name: "yubihsm", Path: "/usr/lib/x86_64-linux-gnu/pkcs11/yubihsm_pkcs11.so",
			Network: []string{"127.0.0.1:12345"}, Env: map[string]string{"YUBIHSM_PKCS11_CONF": "/etc/yubihsm_pkcs11.conf"},
			Service: "yubihsm-connector"},
	}
}

// YAML is the block as it stands below modules: in site.yaml.
func (b Block) YAML() string {
	var s strings.Builder
	comment := func(text string) {
		if text != "" {
			fmt.Fprintf(&s, "  # %s\n", text)
		}
	}
	comment(b.Note)
	if b.Service != "" {
		comment("needs " + b.Service + " to run")
	}
	if !b.Measured {
		comment("from the vendor's documentation, not tried")
	}
	fmt.Fprintf(&s, "  %s:\n    path: %s\n", b.Name, b.Path)
	for _, field := range []struct {
		name   string
		values []string
	}{{"state", b.State}, {"reads", b.Reads}, {"connects", b.Connects}, {"network", b.Network}} {
		if len(field.values) > 0 {
			fmt.Fprintf(&s, "    %s: [%s]\n", field.name, strings.Join(quoted(field.values), ", "))
		}
	}
	if b.Init != "" {
		fmt.Fprintf(&s, "    init: %q\n", b.Init)
	}
	if len(b.Env) > 0 {
		var env []string
		for _, name := range slices.Sorted(maps.Keys(b.Env)) {
			env = append(env, fmt.Sprintf("%s: %q", name, b.Env[name]))
		}
		fmt.Fprintf(&s, "    env: {%s}\n", strings.Join(env, ", "))
	}
	return s.String()
}

// quoted quotes what YAML could take for something else.
func quoted(values []string) (quoted []string) {
	for _, value := range values {
		if strings.ContainsAny(value, ": ,[]{}#") {
			value = fmt.Sprintf("%q", value)
		}
		quoted = append(quoted, value)
	}
	return quoted
}

// BlockOf finds the kind of the module at path, by the name of its file.
func BlockOf(path string) (Block, bool) {
	for _, b := range Blocks() {
		if filepath.Base(b.Path) == filepath.Base(path) {
			return b, true
		}
	}
	return Block{}, false
}
