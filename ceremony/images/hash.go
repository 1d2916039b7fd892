package images

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
	"golang.org/x/sync/errgroup"
)

// hashBuffer is how many bytes a worker reads at once.
const hashBuffer = 1 << 20

// HashDir lists the files of a folder, by their paths in it, with lengths and
// hashes. Each is read once, and all cores read. Links, devices and paths that
// no repository could serve are errors that name the path: nothing is left out.
//
// progress, when not nil, learns after each part how many bytes of how many are
// read; it is never called twice at a time.
func HashDir(ctx context.Context, dir string, progress func(done, total int64)) (*List, error) {
	folder, err := disk.Open(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	h := &hashing{dir: dir, folder: folder, progress: progress}
	if err := fs.WalkDir(folder.FS(), ".", h.add); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error { return h.work(ctx) })
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	images := &List{Images: h.images}
	images.Sort() // the walk goes folder by folder
	if err := roles.CheckClash(images.paths()); err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %w", dir, err)
	}
	return images, nil
}

// hashing is the work that the cores share.
type hashing struct {
	dir    string
	folder *disk.Folder
	images []Image      // at first with paths and lengths only
	next   atomic.Int64 // the first image that nobody has taken

	progress    func(done, total int64)
	mu          sync.Mutex
	done, total int64
}

// add takes up one file that the walk has come to.
func (h *hashing) add(name string, entry fs.DirEntry, err error) error {
	if err != nil {
		return disk.PathError(name, err)
	}
	if entry.IsDir() {
		return nil
	}
	if !entry.Type().IsRegular() {
		return fault.Errorf(fault.Usage, "%s: %s, want a regular file", words.Printable(name), disk.ModeName(entry.Type()))
	}
	if litter(entry.Name()) {
		return fault.Errorf(fault.Usage, "%s: is no image: file managers leave such files behind", words.Printable(name)).
			Hint("nothing is left out by itself; remove what was left: find %s -name %q -delete", h.dir, path.Base(name))
	}
	if err := roles.CheckImagePath(name); err != nil {
		return fault.Errorf(fault.Usage, "%s: %w", words.Printable(name), err)
	}
	info, err := entry.Info()
	if err != nil {
		return disk.PathError(name, err)
	}
	h.images = append(h.images, Image{Path: name, Length: info.Size()})
	h.total += info.Size()
	return nil
}

// litter are files that macOS and Windows make in folders that somebody looks at.
func litter(name string) bool {
	return slices.Contains([]string{".DS_Store", "Thumbs.db", "desktop.ini"}, name) || strings.HasPrefix(name, "._")
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
	file, err := h.folder.Open(image.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	hasher := roles.NewHasher()
	for err == nil {
		var n int
		n, err = file.Read(buffer)
		hasher.Write(buffer[:n])
		h.advance(int64(n))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if err != io.EOF {
		return disk.PathError(image.Path, err)
	}
	hashes, length := hasher.Sum()
	if length != image.Length {
		return fmt.Errorf("%s changed while it was read; got %d bytes, want %d", image.Path, length, image.Length)
	}
	image.SHA256, image.SHA512 = *hashes.SHA256, (*Sha512Hex)(hashes.SHA512)
	return nil
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
