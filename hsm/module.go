// A PKCS#11 module is foreign code that is about to see a PIN: its path is
// absolute, its bytes are pinned, and what dlopen would hide is said in words.

package hsm

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/miekg/pkcs11"
)

// Module is a PKCS#11 module, as in site.yaml.
type Module struct {
	Name    string            `json:"name"`
	Path    string            `json:"path"`    // absolute path of the shared object
	SHA256  string            `json:"sha256"`  // of the file, 64 hex digits, checked before loading; "" is not pinned
	Env     map[string]string `json:"-"`       // the module's environment: it sees these variables and a few plain ones
	Init    string            `json:"init"`    // what C_Initialize is given as pReserved, as NSS wants it; "" for nothing
	Network bool              `json:"network"` // a network HSM: its helper may open connections
	Timeout time.Duration     `json:"-"`       // for one call; 0 means 30 seconds. Key generation and PIN pads get ten times as long
}

// defaultTimeout is long enough for a slow smart card's RSA signature.
const defaultTimeout = 30 * time.Second

// maxModuleBytes bounds what is read to hash a module; real ones are below 50 MiB.
const maxModuleBytes = 512 << 20

func (m Module) timeout() time.Duration {
	if m.Timeout > 0 {
		return m.Timeout
	}
	return defaultTimeout
}

// check refuses a module that is not the pinned one or could never load.
func (m Module) check() error {
	if !filepath.IsAbs(m.Path) {
		return faultf(ErrModule, "path is not absolute; got %q", m.Path)
	}
	file, err := os.Open(m.Path)
	if err != nil {
		return faultf(ErrModule, "%v", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return faultf(ErrModule, "%v", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxModuleBytes {
		return faultf(ErrModule, "%s is not a file of sensible size", m.Path)
	}
	if err := m.checkContent(file); err != nil {
		return err
	}
	return checkELF(m.Path, file)
}

// checkContent refuses a spy, and a module that is not the pinned one.
func (m Module) checkContent(file io.Reader) error {
	var spy spyMark
	hash := sha256.New()
	into := []io.Writer{&spy, hash}
	if m.SHA256 == "" {
		into = into[:1]
	}
	if _, err := io.Copy(io.MultiWriter(into...), file); err != nil {
		return faultf(ErrModule, "%v", err)
	}
	if spy.found {
		return faultf(ErrModule, "%s is a pkcs11-spy: it writes PINs to its log, and is refused", m.Path)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); m.SHA256 != "" && got != m.SHA256 {
		return faultf(ErrModule, "sha256 of %s; got %s, want %s", m.Path, got, m.SHA256)
	}
	return nil
}

// checkELF says in words what dlopen and dlsym would refuse without a reason.
func checkELF(path string, file io.ReaderAt) error {
	object, err := elf.NewFile(file)
	if err != nil {
		return faultf(ErrModule, "%s is not a shared object: %v", path, err)
	}
	defer object.Close()
	self, err := elf.Open("/proc/self/exe")
	if err != nil {
		return faultf(ErrModule, "%v", err)
	}
	defer self.Close()
	if object.Type != elf.ET_DYN || object.Machine != self.Machine {
		return faultf(ErrModule, "%s does not fit this machine; got %v %v, want %v %v",
			path, object.Type, object.Machine, elf.ET_DYN, self.Machine)
	}
	symbols, err := object.DynamicSymbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return faultf(ErrModule, "%s: %v", path, err)
	}
	for _, symbol := range symbols {
		if symbol.Name == "C_GetFunctionList" {
			return nil
		}
	}
	return faultf(ErrModule, "%s is not a PKCS#11 module: it has no C_GetFunctionList", path)
}

// load loads and initialises the module in this process. Only a helper calls it.
func (m Module) load() (*pkcs11.Ctx, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	module := pkcs11.New(m.Path)
	if module == nil {
		return nil, faultf(ErrModule, "the dynamic loader refuses %s: a library that it needs is missing (`ldd` shows which)", m.Path)
	}
	if err := m.initialize(module); err != nil {
		return nil, err
	}
	return module, nil
}
