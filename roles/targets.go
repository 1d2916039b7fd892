package roles

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Targets lists images and delegates others to further roles (Uptane Standard
// 2.1.0 §5.2.3, TUF 1.0.34 §4.5).
type Targets struct {
	Head
	Images      []Image      // by path, ascending
	Delegations *Delegations // nil when the file has none
}

// Image is one installable file.
type Image struct {
	Path   string
	Length int64 // bytes
	Hashes Hashes
	Custom []byte // JSON object as it stands in the file, nil when absent
	Extra  []Member
}

// Delegations are the roles to which a targets role delegates, in order of
// priority, and their keys (Uptane Standard 2.1.0 §5.2.3.2).
type Delegations struct {
	Keys  []Key           // by key id, ascending
	Roles []DelegatedRole // highest priority first
	Extra []Member

	// Succinct is what the file has in the place of Roles, which are its bins then.
	Succinct *Succinct
}

// DelegatedRole is a role that signs for some paths.
type DelegatedRole struct {
	Role
	Paths        []string // patterns; nil when the role goes by hash prefixes
	HashPrefixes []string // lower-case hexadecimal prefixes of SHA-256(path)
	Terminating  bool
}

func (*Targets) Type() Type    { return TypeTargets }
func (t *Targets) head() *Head { return &t.Head }

// Image returns the image of that path, nil when the role does not list it.
func (t *Targets) Image(path string) *Image {
	i, ok := slices.BinarySearchFunc(t.Images, path, func(i Image, path string) int { return strings.Compare(i.Path, path) })
	if !ok {
		return nil
	}
	return &t.Images[i]
}

func (s *scanner) targets(f Format, t *Targets) error {
	var seen fields
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "targets":
			seen.add("targets")
			t.Images, err = s.images()
		case "delegations":
			t.Delegations, err = s.delegations(f)
		default:
			err = s.headField(f, TypeTargets, &t.Head, &seen, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	return seen.need("_type", "expires", "targets", "version")
}

// bytesPerImage is about what an image with two digests takes in a file. It
// decides how much is allocated ahead: too little is filled up later, too much
// is never used.
const bytesPerImage = 300

func (s *scanner) images() ([]Image, error) {
	expected := (len(s.data) - s.pos) / bytesPerImage
	images := make([]Image, 0, expected)
	s.names = slices.Grow(s.names, expected)
	err := s.object(func(name []byte) error {
		if len(name) == 0 && !s.lenient {
			return s.errorf(s.pos, "an image without a name")
		}
		images = append(images, Image{Path: s.paths.copy(name)})
		return s.image(&images[len(images)-1])
	})
	byPath := func(a, b Image) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(images, byPath) {
		slices.SortFunc(images, byPath)
	}
	return images, err
}

func (s *scanner) image(i *Image) error {
	var length, hashes bool
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "length":
			length = true
			i.Length, err = s.integer(0)
		case "hashes":
			hashes = true
			i.Hashes, err = s.hashes()
		case "custom":
			i.Custom, err = s.customObject()
		default:
			err = s.keep(&i.Extra, name)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case !length:
		return fieldf("length", "the field is missing")
	case !hashes:
		return fieldf("hashes", "the field is missing")
	case !i.Hashes.Any():
		return fieldf("hashes", "got neither sha256 nor sha512: nobody could check the image")
	}
	return nil
}

// customObject reads custom data. Images mostly have the same: where the text of the last
// one begins here, it is all there is, since no object is the beginning of another.
func (s *scanner) customObject() (raw []byte, err error) {
	s.peek()
	if len(s.custom) > 0 && s.custom[0] == '{' && bytes.HasPrefix(s.data[s.pos:], s.custom) {
		s.pos += len(s.custom)
		return s.custom, nil // the same memory: comparing two of them does not look at it
	}
	raw, err = s.skip()
	s.custom = raw
	return raw, err
}

// delegations reads what a role delegates. Nothing under that name, null or an
// empty object, is no delegation to vehicles, and not taken by most TUF clients.
func (s *scanner) delegations(f Format) (*Delegations, error) {
	none := f.emptyDelegations() || s.lenient
	if none && s.peek() == 'n' {
		return nil, s.word("null")
	}
	d := &Delegations{}
	var seen fields
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "keys":
			seen.add("keys")
			d.Keys, err = s.keys(f)
		case "roles":
			seen.add("roles")
			err = s.array(func(int) error { return s.delegatedRole(d) })
		case "succinct_roles":
			seen.add("succinct_roles")
			d.Succinct, err = s.succinct()
		default:
			err = s.keep(&d.Extra, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if none && seen.count+len(d.Extra) == 0 {
		return nil, nil
	}
	if d.Succinct == nil {
		return d, seen.need("keys", "roles")
	}
	if seen.has("roles") {
		return nil, fieldf("succinct_roles", "it stands beside roles, want one of the two (TAP 15)")
	}
	d.Roles = d.Succinct.bins()
	return d, seen.need("keys")
}

func (s *scanner) delegatedRole(d *Delegations) error {
	var r DelegatedRole
	var seen fields
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "name":
			seen.add("name")
			r.Name, err = s.str()
		case "paths":
			seen.add("paths")
			r.Paths, err = s.texts()
		case "path_hash_prefixes":
			seen.add("path_hash_prefixes")
			r.HashPrefixes, err = s.texts()
		case "terminating":
			r.Terminating, err = s.boolean()
		default:
			err = s.roleField(&r.Role, &seen, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := seen.need("keyids", "name", "threshold"); err != nil {
		return err
	}
	d.Roles = append(d.Roles, r)
	if seen.has("paths") == seen.has("path_hash_prefixes") {
		return fieldf("paths", "want either paths or path_hash_prefixes (TUF 1.0.34 §4.5)")
	}
	return nil
}

func (t *Targets) check() error {
	if t.Delegations == nil {
		return nil
	}
	names := map[string]bool{}
	for i, r := range t.Delegations.Roles {
		field := fmt.Sprintf("delegations.roles[%d].name", i)
		if err := CheckRoleName(r.Name); err != nil {
			return fieldf(field, "%w", err)
		}
		folded := strings.ToLower(strings.ToUpper(r.Name)) // as strings.EqualFold
		if names[folded] {
			return fieldf(field, "two delegations are called %s: some clients merge their keys", Quote(r.Name))
		}
		names[folded] = true
	}
	return nil
}

// CheckRoleName refuses names of delegated roles that clash with a top-level
// role or could leave the metadata folder.
func CheckRoleName(name string) error {
	for _, t := range TopLevel {
		if strings.EqualFold(name, string(t)) {
			return fmt.Errorf("delegated role is called %q like a top-level role", name)
		}
	}
	if name == "" || len(name) > 255 || strings.ContainsAny(name, "\x00\n") {
		return fmt.Errorf("delegated role's name is %s; want 1 to 255 characters of text", Quote(name))
	}
	return nil
}

func (s *scanner) texts() (list []string, err error) {
	list = []string{}
	err = s.array(func(int) error {
		text, err := s.str()
		list = append(list, text)
		return err
	})
	return list, err
}

func (t *Targets) write(f Format, w *writer) {
	w.object(t.Extra, func() {
		w.field("_type").text(f.typeName(TypeTargets))
		if t.Delegations != nil {
			w.field("delegations").delegations(t.Delegations)
		}
		w.field("expires").text(FormatTime(t.Expires))
		w.spec(f)
		w.field("targets").object(nil, func() {
			for i := range t.Images {
				w.image(f, &t.Images[i])
			}
		})
		w.field("version").integer(t.Version)
	})
}

func (w *writer) image(f Format, i *Image) {
	w.chosen(i.Path)
	w.field(i.Path).object(i.Extra, func() {
		if i.Custom != nil {
			w.field("custom").customObject(i.Custom)
		}
		listed := f.imageHashes(i.Hashes)
		if !listed.Any() {
			w.fail(fmt.Errorf("image %s: no digest that format %s lists", i.Path, f.Name()))
		}
		w.field("hashes").hashes(listed)
		w.field("length").integer(i.Length)
	})
}

// customObject writes custom data. Images mostly have the same, which is copied.
func (w *writer) customObject(raw []byte) {
	if w.custom.text != nil && bytes.Equal(w.custom.raw, raw) {
		w.separate()
		w.out = append(w.out, w.custom.text...)
		return
	}
	start := len(w.out)
	w.transcribe(raw, w.checked)
	w.custom.raw, w.custom.text = raw, w.out[start:len(w.out):len(w.out)]
}

func (w *writer) delegations(d *Delegations) {
	w.object(d.Extra, func() {
		w.field("keys").keys(d.Keys)
		if d.Succinct != nil {
			w.field("succinct_roles").succinct(d.Succinct)
			return
		}
		w.field("roles").list(len(d.Roles), func(i int) { w.delegatedRole(&d.Roles[i]) })
	})
}

func (w *writer) delegatedRole(r *DelegatedRole) {
	w.object(r.Extra, func() {
		w.field("keyids").keyIDs(r.KeyIDs)
		w.field("name").free(r.Name)
		if r.HashPrefixes != nil {
			w.field("path_hash_prefixes").texts(r.HashPrefixes)
		} else {
			w.field("paths").texts(r.Paths)
		}
		w.field("terminating").boolean(r.Terminating)
		w.field("threshold").integer(int64(r.Threshold))
	})
}
