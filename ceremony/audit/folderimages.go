package audit

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/uptane/keyrite/ceremony/cores"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/roles"
)

// folderImages are the images below a folder, as published.
type folderImages struct {
	folder *disk.Folder
	dir    string // below folder
	plain  bool   // they may lie under their paths, too
}

// imagesPerJob is how many images of one folder a worker checks at a time.
const imagesPerJob = 256

// imageJob are images of one folder.
type imageJob struct {
	*imageFolder
	images []*roles.Image
}

func (s folderImages) check(names imageNames, listed []roles.Listed) (int, error) {
	jobs := s.jobs(listed)
	var count atomic.Int64
	err := cores.Each(len(jobs), func() func(int) error {
		d := newDigester()
		return func(i int) error {
			defer jobs[i].done()
			found, err := s.checkJob(names, jobs[i], d)
			count.Add(int64(found))
			return err
		}
	})
	if err != nil {
		for _, job := range jobs {
			job.close()
		}
		return 0, err
	}
	return int(count.Load()), nil
}

func (s folderImages) checkJob(names imageNames, job imageJob, d *digester) (count int, err error) {
	if some, err := job.some(); err != nil || !some {
		return 0, err
	}
	for _, image := range job.images {
		found, err := job.check(image, s.bases(names(*image), image), d)
		if err != nil {
			return 0, err
		}
		if found {
			count++
		}
	}
	return count, nil
}

// jobs divides the images by the folder that they lie in.
func (s folderImages) jobs(listed []roles.Listed) (jobs []imageJob) {
	images := make([]*roles.Image, len(listed))
	for i := range listed {
		images[i] = listed[i].Image
	}
	slices.SortStableFunc(images, func(a, b *roles.Image) int { return cmp.Compare(path.Dir(a.Path), path.Dir(b.Path)) })
	for len(images) > 0 {
		dir, end := path.Dir(images[0].Path), 0
		for end < len(images) && path.Dir(images[end].Path) == dir {
			end++
		}
		folder := &imageFolder{above: s.folder, dir: path.Join(s.dir, dir)}
		for part := range slices.Chunk(images[:end], imagesPerJob) {
			jobs = append(jobs, imageJob{folder, part})
			folder.jobs.Add(1)
		}
		images = images[end:]
	}
	return jobs
}

// bases are the names under which an image may lie in its folder.
func (s folderImages) bases(names []string, image *roles.Image) []string {
	if s.plain && !slices.Contains(names, image.Path) {
		names = append(names, image.Path)
	}
	for i := range names {
		names[i] = path.Base(names[i])
	}
	return names
}

// imageFolder is one folder of images. It is open from its first job to its last.
type imageFolder struct {
	above *disk.Folder
	dir   string // below above
	jobs  atomic.Int64

	open   sync.Once
	folder *disk.Folder // nil when there is none
	err    error

	// names are all that is there, in lower case; nil when only opening tells. A
	// hundred thousand images that are not there are not worth as many questions.
	names map[string]struct{}
}

func (f *imageFolder) list() {
	f.folder, f.err = f.above.Sub(f.dir)
	if f.err != nil {
		if errors.Is(f.err, fs.ErrNotExist) {
			f.err = nil
		}
		return
	}
	names, err := f.folder.Names()
	if err != nil {
		return
	}
	f.names = make(map[string]struct{}, len(names))
	for _, name := range names {
		f.names[strings.ToLower(name)] = struct{}{}
	}
}

// some opens the folder and says whether anything may be in it.
func (f *imageFolder) some() (bool, error) {
	f.open.Do(f.list)
	return f.folder != nil && (f.names == nil || len(f.names) > 0), f.err
}

// done closes the folder after its last job.
func (f *imageFolder) done() {
	if f.jobs.Add(-1) == 0 {
		f.close()
	}
}

func (f *imageFolder) close() {
	if f.folder != nil {
		f.folder.Close()
	}
}

// mayHave says whether it is worth opening a name. Some file systems know no case,
// so that the name that is listed may have another.
func (f *imageFolder) mayHave(name string) bool {
	if f.names == nil {
		return true
	}
	_, ok := f.names[strings.ToLower(name)]
	return ok
}

// check compares an image, under each of its names, with what is listed, and says
// whether it is there under one of them at least.
func (f *imageFolder) check(image *roles.Image, names []string, d *digester) (found bool, err error) {
	var checked fs.FileInfo
	for _, name := range names {
		if !f.mayHave(name) || checked != nil && f.isLinkTo(name, checked) {
			continue
		}
		info, err := f.checkName(name, image, d)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		checked, found = info, true
	}
	return found, nil
}

func (f *imageFolder) checkName(name string, image *roles.Image, d *digester) (fs.FileInfo, error) {
	file, err := f.folder.Open(name)
	if err != nil {
		return nil, f.pathError(name, cmp.Or(errors.Unwrap(err), err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, f.pathError(name, err)
	}
	if info.Size() != image.Length { // before hashing what may be endless
		return nil, checkImage(path.Join(path.Dir(image.Path), name), image, roles.Hashes{}, info.Size())
	}
	digests, length, err := d.digests(file, image)
	if err != nil {
		return nil, f.pathError(name, err)
	}
	return info, checkImage(path.Join(path.Dir(image.Path), name), image, digests, length)
}

func (f *imageFolder) pathError(name string, err error) error {
	return disk.PathError(path.Join(f.dir, name), err)
}

// isLinkTo says whether a name is a further link to a file that was checked under
// another. File systems that have no links are not believed: some make up the
// numbers of their files.
func (f *imageFolder) isLinkTo(name string, checked fs.FileInfo) bool {
	info, err := fs.Lstat(f.folder.FS(), name)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1 && os.SameFile(info, checked)
}
