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
	"golang.org/x/sys/unix"
)

// Module is a PKCS#11 module, as in site.yaml: which one it is, and what it needs.
// It can reach nothing else. See Blocks for modules that are known.
type Module struct {
	Name    string            `json:"name"`
	Path    string            `json:"path"`   // absolute path of the shared object
	SHA256  string            `json:"sha256"` // of the file, 64 hex digits, checked before loading; "" is not pinned
	Env     map[string]string `json:"env"`    // the module sees these variables and a few plain ones; a file that one names, it may read
	Init    string            `json:"init"`   // what C_Initialize is given as pReserved, as NSS wants it; "" for nothing
	Timeout time.Duration     `json:"-"`      // for one call; 0 means 30 seconds. Key generation and PIN pads get ten times as long

	// Absolute paths. A folder stands for all that is below it.
	State    []string `json:"state"`    // folders, files and devices that the module may write to
	Reads    []string `json:"reads"`    // what it may read beyond /usr and its like: its configuration in /etc, its own folder in /opt
	Connects []string `json:"connects"` // Unix sockets of its services, such as /run/pcscd/pcscd.comm

	Network []string `json:"network"` // host:port of a network HSM. The ports are enforced, the hosts are not
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

// HashModule returns the SHA-256 of a module's file in hex, to be pinned in site.yaml.
// A file that is no PKCS#11 module for this machine is refused.
func HashModule(path string) (string, error) {
	bytes, hash, err := Module{Path: path}.read()
	if err != nil {
		return "", newWireFault(err).error("", "")
	}
	defer bytes.Close()
	if err := checkELF(path, bytes); err != nil {
		return "", newWireFault(err).error("", "")
	}
	return hash, nil
}

// seal returns the bytes of the module in memory where nobody can change them. It
// refuses a module that is not the pinned one.
func (m Module) seal() (*os.File, error) {
	bytes, hash, err := m.read()
	if err == nil && m.SHA256 != "" && hash != m.SHA256 {
		bytes.Close()
		return nil, withHint(faultf(ErrModule, "sha256 of %s; got %s, want %s", m.Path, hash, m.SHA256),
			"if the module was updated, compare the new value with its vendor's, then: keyrite token module add "+m.Path+" --update")
	}
	return bytes, err
}

// read returns the bytes of the module, sealed, and their SHA-256 in hex.
func (m Module) read() (bytes *os.File, hash string, err error) {
	if !filepath.IsAbs(m.Path) {
		return nil, "", faultf(ErrModule, "path is not absolute; got %q", m.Path)
	}
	file, err := os.Open(m.Path)
	if err != nil {
		return nil, "", faultf(ErrModule, "%v", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, "", faultf(ErrModule, "%v", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxModuleBytes {
		return nil, "", faultf(ErrModule, "%s is not a file of sensible size", m.Path)
	}
	var spy spyMark
	sum := sha256.New()
	bytes, err = sealedCopy("module", func(to *os.File) error {
		_, err := io.Copy(io.MultiWriter(to, sum, &spy), file)
		return err
	}, unix.MFD_NOEXEC_SEAL, 0o400)
	if err != nil {
		return nil, "", faultf(ErrModule, "%s: %v", m.Path, err)
	}
	if spy.found {
		bytes.Close()
		return nil, "", faultf(ErrModule, "%s is a pkcs11-spy: it writes PINs to its log, and is refused", m.Path)
	}
	return bytes, hex.EncodeToString(sum.Sum(nil)), nil
}

// checkELF says in words what dlopen and dlsym would refuse without a reason.
func checkELF(path string, file io.ReaderAt) error {
	object, err := elf.NewFile(file)
	if err != nil {
		return faultf(ErrModule, "%s is not a shared object: %v", path, err)
	}
	defer object.Close()
	if object.Type != elf.ET_DYN || object.Machine != nativeMachine {
		return faultf(ErrModule, "%s does not fit this machine; got %v %v, want %v %v",
			path, object.Type, object.Machine, elf.ET_DYN, nativeMachine)
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

// load loads and initialises the module in this process, from its sealed bytes.
// Only a helper calls it.
func (m Module) load(bytes *os.File) (*pkcs11.Ctx, error) {
	module := pkcs11.New(descriptor(int(bytes.Fd())))
	if module == nil {
		reason := loaderError()
		if err := checkELF(m.Path, bytes); err != nil {
			return nil, err
		}
		return nil, faultf(ErrModule, "the dynamic loader refuses %s: %s; a library that lies outside of /usr needs its folder in reads",
			m.Path, reason)
	}
	if err := m.initialize(module); err != nil {
		return nil, err
	}
	return module, nil
}
