// The helper process: keyrite started again under another name, serving one
// module over two inherited sockets until keyrite closes them. Everything
// that touches C lives on this side.

package hsm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

// helperName is argv[0] of a helper.
const helperName = "keyrite-hsm-helper"

// IsHelper reports whether this process was started as a helper. Main, and
// TestMain of packages that use tokens, ask before anything else:
//
//	if hsm.IsHelper() {
//		os.Exit(hsm.Helper())
//	}
func IsHelper() bool {
	return filepath.Base(os.Args[0]) == helperName
}

// Helper serves one module on descriptors 3 and 4 until keyrite closes its ends. It
// returns the exit code of the process. Should keyrite die, or find that the
// module hangs, the kernel or keyrite kills the process: see process.start.
func Helper() int {
	for fd := 3; fd <= 4; fd++ {
		if _, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
			fmt.Fprintln(os.Stderr, "this is an internal command of keyrite")
			return 2
		}
		unix.CloseOnExec(fd)
	}
	from, answers := helperEnd{3, 4}.files()
	requests := &wipedReader{from: from}
	runtime.LockOSThread() // modules see one thread, and their memory stays close to it
	h := &helper{}
	defer h.close()
	for {
		if err := h.serve(requests, answers); errors.Is(err, io.EOF) {
			return 0
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
}

// serve answers one request.
func (h *helper) serve(requests io.Reader, answers io.Writer) error {
	f, err := readFrame(requests, maxBodyBytes)
	if err != nil {
		return err
	}
	result, body, err := h.handle(f)
	Wipe(f.body)
	if err != nil {
		return writeFrame(answers, wordFault, newWireFault(err), nil)
	}
	return writeFrame(answers, wordDone, result, body)
}

// helper is the state of a helper process: one module, and at most one open token.
type helper struct {
	locked  bool     // nothing but lock is answered before
	asked   Module   // the module that keyrite named
	bytes   *os.File // and its bytes
	module  *lifetime
	service string       // that the module needs, if it is known
	token   *openToken   // nil until open
	shown   *wireListing // the slots as view saw them first, nil before
}

// handlers are the operations that keyrite may ask for.
var handlers = map[string]func(*helper, frame) (any, []byte, error){
	"lock":       handle((*helper).lock),
	"load":       handle((*helper).load),
	"probe":      handle((*helper).probe),
	"foreign":    handle((*helper).foreign),
	"tokens":     handle((*helper).tokens),
	"empty":      handle((*helper).chooseEmpty),
	"init":       handle((*helper).initToken),
	"open":       handle((*helper).open),
	"view":       handle((*helper).view),
	"mechanisms": onToken((*openToken).capabilities),
	"login":      onToken((*openToken).login),
	"keys":       onToken((*openToken).listKeys),
	"find":       onToken((*openToken).find),
	"leftovers":  onToken((*openToken).leftovers),
	"generate":   onToken((*openToken).generate),
	"sign":       signHandler,
	"destroy":    onToken((*openToken).destroy),

	"ledger":        onToken((*openToken).readLedger),
	"record":        onToken((*openToken).createRecord),
	"destroyrecord": onToken((*openToken).destroyRecord),

	"wrappingkey": onToken((*openToken).importWrappingKey),
	"loginso":     onToken((*openToken).loginSO),
	"wrap":        wrapHandler,
	"unwrap":      onToken((*openToken).unwrap),
}

// beforeLoad are those that need no module.
var beforeLoad = []string{"lock", "load", "probe", "foreign"}

// handle does one request.
func (h *helper) handle(f frame) (any, []byte, error) {
	do, ok := handlers[f.word]
	if !ok {
		return nil, nil, faultf(ErrUsage, "helper: unknown operation %q", f.word)
	}
	if !h.locked && f.word != "lock" || h.module == nil && !slices.Contains(beforeLoad, f.word) {
		return nil, nil, faultf(ErrUsage, "helper: %s is too early", f.word)
	}
	return do(h, f)
}

// handle makes a handler of a method that takes typed arguments and the body.
func handle[A, R any](do func(*helper, A, []byte) (R, error)) func(*helper, frame) (any, []byte, error) {
	return func(h *helper, f frame) (any, []byte, error) {
		var args A
		if err := json.Unmarshal(f.data, &args); err != nil {
			return nil, nil, faultf(ErrUsage, "helper: %s: %v", f.word, err)
		}
		result, err := do(h, args, f.body)
		return result, nil, err
	}
}

// onToken makes a handler of a method of the open token.
func onToken[A, R any](do func(*openToken, A, []byte) (R, error)) func(*helper, frame) (any, []byte, error) {
	return handle(func(h *helper, args A, body []byte) (R, error) {
		if h.token == nil {
			var zero R
			return zero, faultf(ErrUsage, "helper: no token is open")
		}
		return do(h.token, args, body)
	})
}

// signHandler is apart because a signature travels in the body.
func signHandler(h *helper, f frame) (any, []byte, error) {
	var signature []byte
	_, _, err := onToken(func(t *openToken, args signArgs, body []byte) (none, error) {
		var err error
		signature, err = t.sign(args, body)
		return none{}, err
	})(h, f)
	return none{}, signature, err
}

// wrapHandler is apart because a wrapped key travels in the body.
func wrapHandler(h *helper, f frame) (any, []byte, error) {
	var wrapped []byte
	how, _, err := onToken(func(t *openToken, args wrapArgs, _ []byte) (wrappedBy, error) {
		how, body, err := t.wrap(args)
		wrapped = body
		return how, err
	})(h, f)
	return how, wrapped, err
}

// load loads the module, once, from the bytes that were hashed.
func (h *helper) load(none, []byte) (none, error) {
	if h.module != nil || h.bytes == nil {
		return none{}, faultf(ErrUsage, "helper: there is one module to load, once")
	}
	module, err := h.asked.load(h.bytes)
	if err == nil {
		h.module, h.service = &lifetime{Module: module}, h.asked.Service()
	}
	return none{}, err
}

// close logs out and finalises the module.
func (h *helper) close() {
	if h.token != nil {
		h.token.close()
	}
	if h.module != nil {
		_ = h.module.Finalize() // the process ends; nobody could act on it
	}
}
