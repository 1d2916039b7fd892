package images

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/words"
)

// HashRequest is what `keyrite hash` was asked for.
type HashRequest struct {
	From   []string // folders of images; or lists made elsewhere, which are files
	Out    string   // images.yaml, outside of the images; empty with Check: nothing is written
	Update bool     // Out exists: keep its custom, and replace it
	Check  string   // a folder of images: read them, and hold the lists of From against them
	All    bool     // read also what did not change since it was read last

	// For images without custom (Uptane Standard 2.1.0 §5.2.3.1.1).
	HardwareIDs    []string
	ReleaseCounter *int64 // nil for none
}

// Hashed is what Hash found.
type Hashed struct {
	File     string   `json:"file,omitempty"` // the list; "" where it was only checked
	Images   int      `json:"images"`
	Bytes    int64    `json:"bytes"`              // of all images
	Recalled int      `json:"recalled,omitempty"` // images that were not read again
	Gone     []string `json:"gone,omitempty"`     // paths that the replaced list had and the new one has not
}

// Hash writes images.yaml for images, or for what lists say of them. After an error
// Out is as it was.
func Hash(ctx context.Context, r HashRequest, progress Progress) (*Hashed, error) {
	custom, err := CustomOf(r.HardwareIDs, r.ReleaseCounter)
	if err != nil {
		return nil, err
	}
	if r.Out == "" {
		list, recalled, err := r.list(ctx, progress)
		return hashed(list, recalled), err
	}
	if err := r.checkOut(); err != nil {
		return nil, err
	}
	folder, err := disk.Open(filepath.Dir(r.Out))
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	old, err := r.old(folder) // before the long part
	if err != nil {
		return nil, err
	}
	list, recalled, err := r.list(ctx, progress)
	if err != nil {
		return nil, err
	}
	h := hashed(list, recalled)
	h.File, h.Gone = r.Out, list.Merge(old)
	for i := range list.Images {
		if list.Images[i].Custom == nil {
			list.Images[i].Custom = custom
		}
	}
	return h, r.write(folder, list)
}

func hashed(list *List, recalled int) *Hashed {
	if list == nil {
		return nil
	}
	h := &Hashed{Images: len(list.Images), Recalled: recalled}
	for i := range list.Images {
		h.Bytes += list.Images[i].Length
	}
	return h
}

// list is what the images, or the lists, say.
func (r HashRequest) list(ctx context.Context, progress Progress) (*List, int, error) {
	if r.fromLists() {
		list, err := r.fromClaims(ctx, progress)
		return list, 0, err
	}
	files, err := Find(r.From, "")
	if err != nil {
		return nil, 0, err
	}
	defer files.Close()
	memory := r.memory()
	defer memory.Close()
	list, err := files.Hash(ctx, memory, progress)
	return list, memory.Recalled(), err
}

// fromLists says whether lists are given: with Check always.
func (r HashRequest) fromLists() bool {
	if r.Check != "" {
		return true
	}
	info, err := os.Stat(r.From[0])
	return err == nil && !info.IsDir()
}

// memory is that of this user; nil where there is no place for it, or when all is to be
// read.
func (r HashRequest) memory() *Memory {
	dir, err := os.UserCacheDir()
	if err != nil || r.All {
		return nil
	}
	m, err := OpenMemory(filepath.Join(dir, "keyrite"), r.From)
	if err != nil {
		return nil
	}
	return m
}

// CustomOf is a custom object; nil when nothing was given.
func CustomOf(hardwareIDs []string, releaseCounter *int64) (Custom, error) {
	for _, id := range hardwareIDs {
		if id == "" || strings.ContainsFunc(id, words.Hidden) {
			return nil, fault.Errorf(fault.Usage, "hardware ID is %q, want text that shows", id)
		}
	}
	if n := releaseCounter; n != nil && (*n < 0 || *n > maxSafeInteger) {
		return nil, fault.Errorf(fault.Usage, "release counter is %d, want 0 to %d", *n, int64(maxSafeInteger))
	}
	if hardwareIDs == nil && releaseCounter == nil {
		return nil, nil
	}
	return strict.JSON(struct { // in the order of their names, as in every Custom
		HardwareIDs    []string `json:"hardwareIds,omitempty"`
		ReleaseCounter *int64   `json:"releaseCounter,omitempty"`
	}{hardwareIDs, releaseCounter})
}

// checkOut refuses a list among the images, which would list itself next time.
func (r HashRequest) checkOut() error {
	out, err := filepath.Abs(r.Out)
	if err != nil {
		return err
	}
	for _, from := range append(slices.Clone(r.From), r.Check) {
		dir, err := filepath.Abs(from)
		if err != nil {
			return err
		}
		if inside, err := filepath.Rel(dir, out); err == nil && from != "" && filepath.IsLocal(inside) {
			return fault.Errorf(fault.Usage, "%s is among the images in %s, want it elsewhere", r.Out, from)
		}
	}
	return nil
}

// old is the list to replace; without Update there must be none.
func (r HashRequest) old(folder *disk.Folder) (*List, error) {
	name := filepath.Base(r.Out)
	if !r.Update {
		taken, err := folder.Exists(name)
		if taken {
			err = fault.Errorf(fault.Failed, "%s: %w", r.Out, fs.ErrExist).Hint("use --update to replace it and keep its custom")
		}
		return &List{}, err
	}
	data, err := folder.Read(name, MaxImagesYAML)
	if err != nil {
		return nil, err
	}
	return Parse(r.Out, data)
}

func (r HashRequest) write(folder *disk.Folder, images *List) error {
	name := filepath.Base(r.Out)
	if !r.Update {
		return folder.CreateFrom(name, images.Write)
	}
	list := disk.NewLayout(folder, func(file string) bool { return file == name })
	return list.OverwriteFrom(name, images.Write)
}
