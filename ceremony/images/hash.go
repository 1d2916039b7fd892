package images

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
	"golang.org/x/sync/errgroup"
)

// hashBuffer is how many bytes a worker reads at once.
const hashBuffer = 1 << 20

// Progress learns after each part how many bytes of how many are read. It is never
// called twice at a time.
type Progress func(done, total int64)

// Hash lists images with lengths and hashes. Each is read once, and all cores read;
// one that memory knows, and that did not change since, is not read again. A nil
// memory knows none. After an error memory has what was read before it.
func (f *Files) Hash(ctx context.Context, memory *Memory, progress Progress) (*List, error) {
	h := &hashing{files: f, memory: memory, progress: progress, images: make([]Image, len(f.places))}
	for i, name := range f.Paths() {
		h.images[i] = Image{Path: name, Length: f.places[name].size}
		h.total += f.places[name].size
	}
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error { return h.work(ctx) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &List{Images: h.images}, nil
}

// hashing is the work that the cores share.
type hashing struct {
	files  *Files
	memory *Memory
	images []Image      // at first with paths and lengths only
	next   atomic.Int64 // the first image that nobody has taken

	progress    Progress
	mu          sync.Mutex
	done, total int64
}

// work hashes one image after the other, until none is left.
func (h *hashing) work(ctx context.Context) error {
	buffer := make([]byte, hashBuffer)
	for {
		i := int(h.next.Add(1)) - 1
		if i >= len(h.images) {
			return nil
		}
		if err := h.hash(ctx, &h.images[i], buffer); err != nil {
			return err
		}
	}
}

func (h *hashing) hash(ctx context.Context, image *Image, buffer []byte) error {
	file, err := h.files.open(image.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	shown := words.Printable(h.files.places[image.Path].shown)
	before, err := stateOf(file)
	if err != nil {
		return disk.PathError(shown, err)
	}
	if h.memory.recall(image, before) {
		h.advance(image.Length)
		return nil
	}
	length, err := h.read(ctx, file, image, buffer)
	if err != nil {
		return disk.PathError(shown, err)
	}
	after, err := stateOf(file)
	if err != nil {
		return disk.PathError(shown, err)
	}
	if length != image.Length || before != after {
		return fmt.Errorf("%s changed while it was read; got %d bytes, want %d", shown, length, image.Length)
	}
	h.memory.keep(image, after)
	return nil
}

// read reads a file to its end and sets its hashes.
func (h *hashing) read(ctx context.Context, file *os.File, image *Image, buffer []byte) (int64, error) {
	hasher := roles.NewHasher()
	for {
		n, err := file.Read(buffer)
		hasher.Write(buffer[:n])
		h.advance(int64(n))
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	hashes, length := hasher.Sum()
	image.SHA256, image.SHA512 = *hashes.SHA256, (*Sha512Hex)(hashes.SHA512)
	return length, nil
}

func (h *hashing) advance(n int64) {
	if h.progress == nil || n == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.done += n
	h.progress(h.done, h.total)
}
