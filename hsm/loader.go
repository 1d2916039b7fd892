// What the dynamic loader says, which the PKCS#11 binding does not pass on.

package hsm

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
import "C"

// loaderError is why the last dlopen or dlsym of this thread failed, "" when it did
// not.
func loaderError() string {
	if text := C.dlerror(); text != nil {
		return C.GoString(text)
	}
	return ""
}
