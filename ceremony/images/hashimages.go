package images

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/words"
)

// HashRequest is what `keyrite hash` was asked for.
type HashRequest struct {
	Dir    string // the images
	Out    string // images.yaml, outside of Dir
	Update bool   // Out exists: keep its custom, and replace it

	// For images without custom (Uptane Standard 2.1.0 §5.2.3.1.1).
	HardwareIDs    []string
	ReleaseCounter *int64 // nil for none
}

// Hashed is what HashImages found.
type Hashed struct {
	File   string   `json:"file"` // the list
	Images int      `json:"images"`
	Bytes  int64    `json:"bytes"`          // of all images
	Gone   []string `json:"gone,omitempty"` // paths that the replaced list had and the folder has not
}

// Hash writes images.yaml for the images in a folder. progress is that of
// HashDir. After an error Out is as it was.
func Hash(ctx context.Context, r HashRequest, progress func(done, total int64)) (*Hashed, error) {
	custom, err := r.custom()
	if err != nil {
		return nil, err
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
	images, err := HashDir(ctx, r.Dir, progress)
	if err != nil {
		return nil, err
	}
	hashed := &Hashed{File: r.Out, Images: len(images.Images), Gone: images.Merge(old)}
	for i := range images.Images {
		hashed.Bytes += images.Images[i].Length
		if images.Images[i].Custom == nil {
			images.Images[i].Custom = custom
		}
	}
	return hashed, r.write(folder, images)
}

// custom is the custom object of images without one; nil when nothing was given.
func (r HashRequest) custom() (Custom, error) {
	for _, id := range r.HardwareIDs {
		if id == "" || strings.ContainsFunc(id, words.Hidden) {
			return nil, fault.Errorf(fault.Usage, "hardware ID is %q, want text that shows", id)
		}
	}
	if n := r.ReleaseCounter; n != nil && (*n < 0 || *n > maxSafeInteger) {
		return nil, fault.Errorf(fault.Usage, "release counter is %d, want 0 to %d", *n, int64(maxSafeInteger))
	}
	if r.HardwareIDs == nil && r.ReleaseCounter == nil {
		return nil, nil
	}
	return strict.JSON(struct { // in the order of their names, as in every Custom
		HardwareIDs    []string `json:"hardwareIds,omitempty"`
		ReleaseCounter *int64   `json:"releaseCounter,omitempty"`
	}{r.HardwareIDs, r.ReleaseCounter})
}

// checkOut refuses a list among the images, which would list itself next time.
func (r HashRequest) checkOut() error {
	dir, err := filepath.Abs(r.Dir)
	if err != nil {
		return err
	}
	out, err := filepath.Abs(r.Out)
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(dir, out); err == nil && filepath.IsLocal(inside) {
		return fault.Errorf(fault.Usage, "%s is among the images in %s, want it elsewhere", r.Out, r.Dir)
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
