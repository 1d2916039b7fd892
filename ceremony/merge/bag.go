package merge

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/qr"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

const (
	maxItem  = 64 << 20  // bytes of one file
	maxAll   = 256 << 20 // bytes of all that is brought
	maxItems = 20_000    // files
)

// bag is everything that was brought, read once.
type bag struct {
	plan   *plan.Plan
	sum    digest.SHA256
	items  []item
	places map[string]int // of items, by their paths
	left   []string       // what no site needs from another
	frames []string       // of QR codes
	size   int
}

// item is one file of a site's folder.
type item struct {
	site string
	rel  string // below the site's folder
	data []byte
	from string // what people call it
}

// custodyFile is what the transcript of custody is called among the files of a site.
const custodyFile = "custody.jsonl"

// grows says of a file that it only ever gets longer.
func (i item) grows() bool { return i.rel == transcript.File || i.rel == custodyFile }

// place is where the file lies in a workspace.
func (i item) place(ceremony string) string {
	if i.rel == custodyFile {
		return path.Join(transcript.CustodyOf(i.site), transcript.File)
	}
	return path.Join(ceremonies.SiteDir(ceremony, i.site), i.rel)
}

// wanted are the files of a site that others need.
var wanted = regexp.MustCompile(`^(transcript\.jsonl|custody\.jsonl|keys/[a-z0-9-]+\.yaml|signatures/[A-Za-z0-9._-]+\.json|witnesses/[a-z0-9-]+\.json)$`)

// Nothing is what was brought of a ceremony: other files, or none.
type Nothing struct{ Ceremony string }

func (n *Nothing) Error() string { return "nothing of ceremony " + n.Ceremony + " was brought" }

func (b *bag) read(sources []string) error {
	for _, source := range sources {
		info, err := os.Stat(source)
		if err != nil {
			return &fault.Error{Code: fault.Usage, Err: disk.PathError(source, err)}
		}
		if info.IsDir() {
			err = b.folder(source)
		} else {
			err = b.file(source)
		}
		if err != nil {
			return err
		}
	}
	if len(b.frames) > 0 {
		if err := b.join(); err != nil {
			return err
		}
	}
	if len(b.items) == 0 {
		return fault.Errorf(fault.Usage, "%w", &Nothing{b.plan.Ceremony}).
			Hint("want a folder of another workspace, the folder ceremonies/%s/SITE of one, a file of keyrite export, or a picture of its QR codes", b.plan.Ceremony)
	}
	return nil
}

// add takes a file, bounded and once.
func (b *bag) add(i item) error {
	if !disk.Names.MatchString(i.site) {
		return fault.Errorf(fault.Unverified, "%s: %s is no name of a site; %s", i.from, words.Quote(i.site), disk.NamesRule)
	}
	if !wanted.MatchString(i.rel) {
		b.left = append(b.left, i.from)
		return nil
	}
	if b.size += len(i.data); b.size > maxAll || len(b.items) >= maxItems {
		return fault.Errorf(fault.Unverified, "%s: more is brought than a ceremony needs: over %d bytes or %d files", i.from, maxAll, maxItems)
	}
	if other, twice := b.places[i.site+"/"+i.rel]; twice {
		return b.again(&b.items[other], i)
	}
	b.places[i.site+"/"+i.rel] = len(b.items)
	b.items = append(b.items, i)
	return nil
}

// again takes a file that was brought already: it must be the same, and of a transcript
// the longer one counts, as when a stick has what a site packed yesterday, too.
func (b *bag) again(first *item, i item) error {
	switch {
	case bytes.Equal(first.data, i.data), i.grows() && bytes.HasPrefix(first.data, i.data):
		return nil
	case i.grows() && bytes.HasPrefix(i.data, first.data):
		*first = i
		return nil
	}
	return fault.Errorf(fault.Unverified, "%s: is brought twice, and not as in %s", i.from, first.from)
}

// folder reads a workspace, the folder of the ceremony, or that of one site.
func (b *bag) folder(dir string) error {
	f, err := disk.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, below := range []string{ceremonies.Dir(b.plan.Ceremony), "."} {
		names, err := f.List(below)
		if err != nil {
			return err
		}
		found := false
		for _, name := range names {
			if is, _ := isSite(f, path.Join(below, name)); is {
				found = true
				if err := b.site(f, dir, path.Join(below, name), name); err != nil {
					return err
				}
				if err := b.custody(f, dir, name); err != nil {
					return err
				}
			}
		}
		if found {
			return nil
		}
	}
	if is, err := isSite(f, "."); err != nil || !is {
		return err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	return b.site(f, dir, ".", filepath.Base(absolute))
}

// isSite says whether a folder is that of a site: it has a transcript, signatures, or
// records of keys that it made.
func isSite(f *disk.Folder, dir string) (bool, error) {
	if is, err := f.IsDir(dir); err != nil || !is {
		return false, err
	}
	names, err := f.List(dir)
	has := func(name string) bool { return slices.Contains(names, name) }
	return has(transcript.File) || has(ceremonies.SignaturesDir) && !has("trust.yaml"), err
}

// custody reads what a site did with keys outside of ceremonies, from a workspace.
func (b *bag) custody(f *disk.Folder, source, site string) error {
	name := path.Join(transcript.CustodyOf(site), transcript.File)
	data, err := f.Read(name, maxItem)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.add(item{site, custodyFile, data, filepath.Join(source, filepath.FromSlash(name))})
}

// site reads the folder of one site.
func (b *bag) site(f *disk.Folder, source, dir, name string) error {
	for _, sub := range []string{".", ceremonies.KeysDir, ceremonies.SignaturesDir, "witnesses"} {
		names, err := f.List(path.Join(dir, sub))
		if err != nil {
			return err
		}
		for _, file := range names {
			rel := path.Join(sub, file)
			if is, err := f.IsDir(path.Join(dir, rel)); err != nil || is {
				continue
			}
			from := filepath.Join(source, filepath.FromSlash(path.Join(dir, rel)))
			var data []byte
			if wanted.MatchString(rel) {
				if data, err = f.Read(path.Join(dir, rel), maxItem); err != nil {
					return err
				}
			}
			if err := b.add(item{name, rel, data, from}); err != nil {
				return err
			}
		}
	}
	return nil
}

// file reads one file, whatever of the kinds that can be brought it is.
func (b *bag) file(name string) error {
	data, err := disk.ReadFile(name, maxItem)
	if err != nil {
		return &fault.Error{Code: fault.Usage, Err: err}
	}
	text := bytes.TrimSpace(data)
	switch {
	case qr.IsPicture(data):
		frames, err := qr.Read(data)
		if err != nil {
			return fault.Errorf(fault.Unverified, "%s: %w", name, err)
		}
		b.frames = append(b.frames, frames...)
		return nil
	case qr.IsFrame(string(text)):
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" {
				b.frames = append(b.frames, line)
			}
		}
		return nil
	case isParcel(text):
		return b.parcel(name, data)
	case bytes.HasPrefix(text, []byte("{")):
		return b.signature(name, data)
	}
	return b.key(name, data)
}

// join makes a parcel of frames, whichever pictures they came in.
func (b *bag) join() error {
	data, err := qr.Join(b.frames)
	if err != nil {
		return fault.Errorf(fault.Unverified, "the QR codes: %w", err)
	}
	return b.parcel("the QR codes", data)
}

// signature is a file that holds one, whatever it is called: whose it is, the plan says.
func (b *bag) signature(name string, data []byte) error {
	signed, err := transcript.ParseSigned(name, data)
	if err != nil {
		return err
	}
	for _, s := range b.plan.Steps {
		if s.Do != plan.Sign || s.Role != signed.Role || s.Key != signed.Key {
			continue
		}
		if s.External {
			return fault.Errorf(fault.Usage, "%s: is by %s, whose signature is brought in by hand", name, s.Key).
				Hint("keyrite signature add %s %s", b.plan.Ceremony, name)
		}
		site := b.plan.SiteOf(s)
		return b.add(item{site, ceremonies.SignaturesDir + "/" + path.Base(b.plan.SignaturePath(site, s)), data, name})
	}
	return fault.Errorf(fault.Unverified, "%s: the plan asks for no signature of %s by %s", name, words.Quote(signed.Role), words.Quote(signed.Key))
}

// keyName finds the name in the record of a key.
var keyName = regexp.MustCompile(`(?m)^name: ([a-z0-9-]+)$`)

// key is the record of a key, whatever its file is called.
func (b *bag) key(name string, data []byte) error {
	found := keyName.FindSubmatch(data)
	if found == nil {
		return fault.Errorf(fault.Unverified, "%s: is neither a signature, nor the record of a key, a file of keyrite export, a picture or scanned QR codes", name)
	}
	for _, s := range b.plan.Steps {
		if s.Do == plan.Generate && s.Key == string(found[1]) {
			return b.add(item{b.plan.SiteOf(s), ceremonies.KeysDir + "/" + s.Key + ".yaml", data, name})
		}
	}
	return fault.Errorf(fault.Unverified, "%s: no step of the plan makes a key %s", name, found[1])
}
