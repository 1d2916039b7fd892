// What a helper writes to its standard error: kept for an error message, never
// mixed into a prompt.

package hsm

import (
	"bytes"
	"strings"
	"sync"
)

// headBuffer keeps the first bytes written to it.
type headBuffer struct {
	mu   sync.Mutex
	max  int
	kept bytes.Buffer
}

func (b *headBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept.Write(data[:min(len(data), b.max-b.kept.Len())])
	return len(data), nil
}

// String returns what was kept, on one line and fit for a terminal, without the
// registers and stacks that Go shows for a crash in C.
func (b *headBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said, _, _ := strings.Cut(b.kept.String(), "\nPC=")
	return printable(strings.Join(strings.Fields(said), " "))
}
