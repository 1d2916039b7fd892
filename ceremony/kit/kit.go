package kit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Dir is where kits lie in a workspace.
const Dir = "emergency"

const extension = ".kit"

// MaxBytes bounds a kit's file: a root and a hundred signatures.
const MaxBytes = 2 << 20

// Path is where the kit of that name lies.
func Path(name string) string { return path.Join(Dir, name+extension) }

// Kit is the file: JSON on one line, as keyrite spells it. Nothing in it is believed
// before the root was made again from trust.yaml, byte for byte, and each signature
// verified over it.
type Kit struct {
	Version    int               `json:"kit"` // of the file format: 1
	Name       string            `json:"name"`
	Fleet      string            `json:"fleet"`
	Repository string            `json:"repository"`
	Format     string            `json:"format"`
	Ceremony   string            `json:"ceremony"` // that sealed it
	Plan       digest.SHA256     `json:"plan"`     // of its plan.yaml
	Made       time.Time         `json:"made"`     // when that was planned
	Reason     string            `json:"reason"`
	Replace    map[string]string `json:"replace,omitempty"` // new names of keys by old ones, in trust.yaml

	Root    int64         `json:"root"`    // its version
	Follows digest.SHA256 `json:"follows"` // what is signed in the root before it
	Expires time.Time     `json:"expires"`
	Lacks   []Lack        `json:"lacks"`
	By      []Signature   `json:"by"`
	SHA256  digest.SHA256 `json:"sha256"` // of the bytes to sign
	Bytes   string        `json:"bytes"`  // the exact bytes to sign

	Sum digest.SHA256 `json:"-"` // of the file
}

// Lack is a threshold that is not reached yet.
type Lack struct {
	Of        string   `json:"of"` // previous root, new root
	Has       int      `json:"has"`
	Threshold int      `json:"threshold"`
	Keys      []string `json:"keys"` // that have not signed, by name
}

// Signature is one that the kit has.
type Signature = transcript.Signed

// Encode is the file, and sets its hash.
func (k *Kit) Encode() ([]byte, error) {
	data, err := strict.JSON(k)
	if err != nil {
		return nil, err
	}
	data = append(data, '\n')
	k.Sum = digest.Of(data)
	return data, nil
}

// Is says whether a file begins as a kit does, for those who expect something else.
func Is(data []byte) bool { return strings.HasPrefix(string(data), `{"kit":`) }

// Parse reads a kit strictly. What it states is a claim.
func Parse(file string, data []byte) (*Kit, error) {
	k := new(Kit)
	if !Is(data) {
		return nil, fault.Errorf(fault.Usage, "%s: is not an emergency kit", file)
	}
	if err := strict.LineEnds(file, data); err != nil {
		return nil, err
	}
	err := json.Unmarshal(data, k)
	if err == nil && k.Version != 1 {
		return nil, fault.Errorf(fault.Usage, "%s: kit is %d, want 1", file, k.Version).Hint("the file is for a newer keyrite: use that one")
	}
	if err == nil {
		var again []byte
		if again, err = k.Encode(); err == nil && string(again) != string(data) {
			err = errors.New("it is not spelled as keyrite spells it: it was changed or cut")
		}
	}
	if err == nil {
		err = k.check()
	}
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", file, err)
	}
	return k, nil
}

// CheckName refuses what is no name of a kit.
func CheckName(name string) error {
	if !disk.Names.MatchString(name) {
		return fault.Errorf(fault.Usage, "%s is no name for a kit, %s", words.Quote(name), disk.NamesRule)
	}
	return nil
}

// check refuses what no kit says.
func (k *Kit) check() error {
	switch {
	case CheckName(k.Name) != nil:
		return CheckName(k.Name)
	case digest.Of([]byte(k.Bytes)) != k.SHA256:
		return fmt.Errorf("sha256 is %s, but the bytes have %s", k.SHA256, digest.Of([]byte(k.Bytes)))
	case k.Root < 2 || len(k.By) == 0 || len(k.Lacks) == 0:
		return errors.New("root, by or lacks are not those of a kit")
	}
	for i, s := range k.By {
		if s.Role != "root" || s.Version != k.Root || s.SHA256 != k.SHA256 || slices.ContainsFunc(k.By[:i], func(o Signature) bool { return o.Key == s.Key }) {
			return fmt.Errorf("the signature by %s is not one of root %d in this kit, or is there twice", words.Quote(s.Key), k.Root)
		}
	}
	return nil
}

// Read reads the kit of that name in a workspace.
func Read(files workspace.Files, name string) (*Kit, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	data, err := files.Read(Path(name), MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		names, _ := Names(files)
		return nil, fault.Errorf(fault.Usage, "%w", err).Suggest(name, names)
	}
	if err != nil {
		return nil, err
	}
	k, err := Parse(Path(name), data)
	if err == nil && k.Name != name {
		return nil, fault.Errorf(fault.Unverified, "%s: is the kit %s", Path(name), k.Name).Hint("give the file its name again: %s", Path(k.Name))
	}
	return k, err
}

// Find reads a kit by its name in the workspace, or by its file.
func Find(ws *workspace.Workspace, given string) (*Kit, error) {
	if CheckName(given) == nil {
		return Read(ws, given)
	}
	data, err := disk.ReadFile(given, MaxBytes)
	if err != nil {
		return nil, err
	}
	return Parse(given, data)
}

// Bring finds a kit, and keeps a copy of it in its place.
func Bring(ws *workspace.Workspace, given string) (*Kit, error) {
	k, err := Find(ws, given)
	if err != nil {
		return nil, err
	}
	data, err := k.Encode()
	if err != nil {
		return nil, err
	}
	return k, ws.Ensure(Path(k.Name), data)
}

// Names are the kits that lie in a workspace.
func Names(files workspace.Files) (names []string, err error) {
	found, err := files.List(Dir)
	for _, file := range found {
		if name, is := strings.CutSuffix(file, extension); is && disk.Names.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, err
}

// Signers are the keys that have signed, by name.
func (k *Kit) Signers() (names []string) {
	for _, s := range k.By {
		names = append(names, s.Key)
	}
	return names
}

// SignedBy is the signature by a key, if the kit has one.
func (k *Kit) SignedBy(key string) (Signature, bool) {
	i := slices.IndexFunc(k.By, func(s Signature) bool { return s.Key == key })
	if i < 0 {
		return Signature{}, false
	}
	return k.By[i], true
}

// String is the lack in words.
func (l Lack) String() string {
	return fmt.Sprintf("%s: %d of %d, lacks %d of %s", l.Of, l.Has, l.Threshold, l.Threshold-l.Has, words.List(l.Keys))
}
