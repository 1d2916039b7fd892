package backup

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/ceremony/wrapping"
	"github.com/uptane/keyrite/policies"
)

// LeftOut is a file that is in the workspace and not in the backup.
type LeftOut struct {
	Path string `json:"path"`
	Kind Kind   `json:"kind"`
}

func (l LeftOut) String() string { return l.Path + ": " + texts[l.Kind] }

// contents finds what a backup holds: only what has a place in a workspace, so that a
// secret that somebody left there stays where it is. Everything else is named.
type contents struct {
	ws    *workspace.Workspace
	known map[string]bool // files at the top that trust.yaml names, and the fixed ones
	dirs  []string        // folders of which all is taken
	pins  map[string]bool // files that hold PINs, by site.yaml

	Files []string // in order
	Out   []LeftOut
}

// Kind is what a file is that is left out.
type Kind string

// Every Kind.
const (
	PIN        Kind = "pin"
	PrivateKey Kind = "private-key"
	Tokens     Kind = "tokens"
	Rehearsal  Kind = "rehearsal"
	Foreign    Kind = "foreign"
	NoFile     Kind = "no-file"
)

var texts = map[Kind]string{
	PIN: "a PIN, by site.yaml", PrivateKey: "a private key", Tokens: "tokens of SoftHSM hold private keys",
	Rehearsal: "a rehearsal", Foreign: "nothing that a workspace has", NoFile: "no regular file",
}

func find(ws *workspace.Workspace, trust *workspace.Trust) (*contents, error) {
	c := &contents{ws: ws, known: map[string]bool{}, pins: map[string]bool{}, dirs: []string{"keys", "attestations", "ceremonies", "custody", kit.Dir}}
	for _, name := range []string{workspace.TrustFile, workspace.SiteFile, workspace.PeopleFile, ".gitattributes", ".gitignore"} {
		c.known[name] = true
	}
	for name, repo := range trust.Repositories {
		c.dirs = append(c.dirs, signed.MetadataDir(name))
		for _, file := range repo.ImagesFiles() {
			c.known[path.Clean(file)] = true
		}
		if !slices.Contains(policies.Presets(), repo.Policy) {
			c.known[path.Clean(repo.Policy)] = true
		}
	}
	if err := c.findPINs(); err != nil {
		return nil, err
	}
	err := fs.WalkDir(ws.FS(), ".", c.visit)
	slices.Sort(c.Files)
	return c, err
}

// findPINs finds the files of PINs that site.yaml names, if they lie in the workspace.
func (c *contents) findPINs() error {
	site, err := c.ws.Site()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, t := range site.Tokens {
		name, is := strings.CutPrefix(t.PIN, "file:")
		if inside, err := filepath.Rel(c.ws.Dir, name); is && err == nil && filepath.IsLocal(inside) {
			c.pins[filepath.ToSlash(inside)] = true
		}
	}
	return nil
}

func (c *contents) visit(name string, entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if entry.IsDir() {
		return c.visitDir(name)
	}
	kind, err := c.kindOf(name, entry)
	switch {
	case err != nil:
		return err
	case kind == "":
		c.Files = append(c.Files, name)
	case !strings.HasPrefix(path.Base(name), ".lock-"):
		c.Out = append(c.Out, LeftOut{name, kind})
	}
	return nil
}

func (c *contents) visitDir(name string) error {
	switch {
	case name == "hsm":
		c.Out = append(c.Out, LeftOut{name + "/", Tokens})
		return fs.SkipDir
	case name == workspace.RehearsalsDir:
		c.Out = append(c.Out, LeftOut{name + "/", Rehearsal})
		return fs.SkipDir
	case name != "." && strings.HasPrefix(path.Base(name), "."): // .git, and what a crash left
		return fs.SkipDir
	}
	return nil
}

// kindOf says what a file is that is left out; "" for one that is taken.
func (c *contents) kindOf(name string, entry fs.DirEntry) (Kind, error) {
	inside := slices.ContainsFunc(c.dirs, func(dir string) bool { return strings.HasPrefix(name, dir+"/") })
	switch {
	case !entry.Type().IsRegular():
		return NoFile, nil
	case c.pins[name]:
		return PIN, nil
	case strings.HasPrefix(path.Base(name), ".lock-"), disk.CheckPath(name) != nil:
		return Foreign, nil
	}
	info, err := entry.Info()
	if err != nil {
		return "", err
	}
	if !inside && !c.known[name] && info.Size() > maxKeyBackup {
		return Foreign, nil
	}
	data, err := c.ws.Read(name, disk.MaxInput)
	switch {
	case err != nil:
		return "", err
	case hasPrivateKey(data):
		return PrivateKey, nil
	case inside || c.known[name] || isKeyBackup(name, data):
		return "", nil
	}
	return Foreign, nil
}

// hasPrivateKey says whether a file holds a private key in one of the texts that
// programs write: PEM (RFC 7468), OpenSSH's, PuTTY's, JWK.
func hasPrivateKey(data []byte) bool {
	for _, mark := range []string{"PRIVATE KEY-----", "PuTTY-User-Key-File-", "PRIVATE KEY BLOCK-----", `"kty"`} {
		if bytes.Contains(data, []byte(mark)) && (mark != `"kty"` || bytes.Contains(data, []byte(`"d"`))) {
			return true
		}
	}
	return false
}

// maxKeyBackup bounds the file of a wrapped key, in bytes.
const maxKeyBackup = 1 << 16

// isKeyBackup says whether a file is a private key that is wrapped: keyrite key backup
// wrote it, and it opens on a token with the wrapping key alone.
func isKeyBackup(name string, data []byte) bool {
	_, err := wrapping.ParseKeyBackup(name, data)
	return err == nil
}
