package declare

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"embed"
	"os"
	"path/filepath"
	"text/template"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

//go:embed templates/*.tmpl
var templates embed.FS

// InitParams are what a new workspace is made for.
type InitParams struct {
	Fleet  string // name of the fleet
	Format string // of both repositories: "tuf" or "ota-ce"
	Site   string // its name; empty: main. In a workspace without site.yaml that alone is made

	// SoftHSM makes a room for trying out: a SoftHSM2 of its own, pinned, in hsm/, and
	// waivers of these checks of preflight.
	SoftHSM bool
	TryOut  []string
}

// siteParams are what fills the template of site.yaml.
type siteParams struct {
	Site, Module, SHA256 string
	TryOut               []string
}

// usualSoftHSM is where Debian has the module.
const usualSoftHSM = "/usr/lib/softhsm/libsofthsm2.so"

func (p InitParams) site() (siteParams, error) {
	name := cmp.Or(p.Site, workspace.MainSite)
	if !disk.Names.MatchString(name) {
		return siteParams{}, fault.Errorf(fault.Usage, "--site is %q, %s", name, disk.NamesRule)
	}
	if !p.SoftHSM {
		return siteParams{Site: name, Module: usualSoftHSM}, nil
	}
	path, err := hsm.SoftHSM()
	if err != nil {
		return siteParams{}, err
	}
	hash, err := hsm.HashModule(path)
	return siteParams{name, path, hash, p.TryOut}, err
}

// Init makes a workspace: a commented trust.yaml for an Image and a Director repository
// in the shape of the Uptane best practices, and a commented site.yaml; in a workspace
// without site.yaml that of another site. The folder is made if it is not there. One
// that already has either file is refused and left as it is.
func Init(dir string, params InitParams) error {
	if joins(dir, params) {
		return join(dir, params)
	}
	if _, err := roles.FormatByName(params.Format); err != nil {
		return fault.Errorf(fault.Usage, "%w", err).Suggest(params.Format, []string{"tuf", "ota-ce"})
	}
	files := make(map[string][]byte)
	for _, name := range []string{workspace.TrustFile, workspace.SiteFile} {
		data, err := Starter(name, params)
		if err != nil {
			return err
		}
		files[name] = data
	}
	// What was filled in comes from the command line: it must read back as it
	// was meant, and not as other fields or a comment.
	trust, err := workspace.ParseTrust(workspace.TrustFile, files[workspace.TrustFile])
	if err != nil {
		return err
	}
	if trust.Fleet != params.Fleet {
		return fault.Errorf(fault.Usage, "fleet is %q, want a plain name", params.Fleet)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return disk.PathError(dir, err)
	}
	folder, err := disk.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := initFolder(folder, dir, files); err != nil || !params.SoftHSM {
		return err
	}
	return initSoftHSM(folder, dir)
}

// initSoftHSM makes the SoftHSM2 of a room for trying out.
func initSoftHSM(f *disk.Folder, dir string) error {
	if err := f.MakeDir("hsm"); err != nil {
		return err
	}
	_, err := hsm.NewSoftHSM(filepath.Join(dir, "hsm"))
	return err
}

func initFolder(f *disk.Folder, dir string, files map[string][]byte) error {
	for _, name := range []string{workspace.TrustFile, workspace.SiteFile} {
		if taken, err := f.Exists(name); err != nil {
			return err
		} else if taken {
			return fault.Errorf(fault.Usage, "%s is there already", filepath.Join(dir, name)).
				Hint("a workspace is made once; edit trust.yaml and site.yaml by hand").
				Hint("another site works in a copy without site.yaml, and there: keyrite init --site NAME")
		}
	}
	for _, name := range []string{workspace.SiteFile, workspace.TrustFile} {
		if err := f.Create(name, files[name]); err != nil {
			return err
		}
	}
	for name, text := range forGit {
		if there, err := f.Exists(name); err != nil || there {
			continue // a repository has its own
		}
		if err := f.Create(name, []byte(text)); err != nil {
			return err
		}
	}
	if _, err := WriteSchemas(f); err != nil {
		return err
	}
	return f.MakeDir(workspace.KeysDir)
}

// forGit are files that git needs, so that a checkout has every byte, and nothing of a
// room goes to another.
var forGit = map[string]string{
	".gitattributes": "# Every byte stays as it is: hashes and signatures are over bytes.\n* -text\n",
	".gitignore":     "# What is of this room and of nobody else's.\n/" + workspace.SiteFile + "\n/hsm/\n/rehearsals/\n/.lock-*\n.keyrite-*\n",
}

// joins says whether a folder is a workspace that lacks the site.yaml of a site: a
// clone, or a copy without that file.
func joins(dir string, params InitParams) bool {
	there := func(name string) bool { _, err := os.Lstat(filepath.Join(dir, name)); return err == nil }
	return params.Site != "" && there(workspace.TrustFile) && !there(workspace.SiteFile)
}

// join makes no more than the site.yaml.
func join(dir string, params InitParams) error {
	folder, err := disk.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	data, err := Starter(workspace.SiteFile, params)
	if err != nil {
		return err
	}
	if err := folder.Create(workspace.SiteFile, data); err != nil || !params.SoftHSM {
		return err
	}
	return initSoftHSM(folder, dir)
}

func fillTemplate(name string, params any) ([]byte, error) {
	t, err := template.New(name+".tmpl").Funcs(template.FuncMap{"id": NewID}).ParseFS(templates, "templates/"+name+".tmpl")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, params); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Starter is the commented trust.yaml or site.yaml of a new workspace.
func Starter(name string, params InitParams) ([]byte, error) {
	if name != workspace.SiteFile {
		return fillTemplate(name, params)
	}
	site, err := params.site()
	if err != nil {
		return nil, err
	}
	return fillTemplate(name, site)
}

// NewID is the id of a new repository, drawn at random.
func NewID() digest.SHA256 {
	var id digest.SHA256
	rand.Read(id[:]) // which never fails
	return id
}
