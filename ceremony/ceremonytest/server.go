package ceremonytest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// Server is an online repository as fleets run one: it takes bundles, and signs what
// ceremonies leave to it, with software keys that are found by their names. All that
// it knows are the files that it serves.
type Server struct {
	Dir    string // of the metadata
	Format roles.Format
	Now    time.Time
}

// OpenServer is the server that serves a folder already.
func OpenServer(dir string, now time.Time) (Server, error) {
	root, err := os.ReadFile(filepath.Join(dir, "1.root.json"))
	if err != nil {
		return Server{}, err
	}
	format, err := roles.DetectFormat(root)
	return Server{dir, format, now}, err
}

// Take takes the metadata of a bundle, as servers do: nothing that goes back.
func (s Server) Take(file string) error {
	b, err := bundle.Open(file)
	if err != nil {
		return err
	}
	if s.Format, err = roles.FormatByName(b.Format()); err != nil {
		return err
	}
	names, err := b.MetadataNames()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	for _, name := range names {
		data, err := b.Get(name, disk.MaxInput)
		if err != nil {
			return err
		}
		if err := s.accept(name, data); err != nil {
			return err
		}
	}
	return nil
}

func (s Server) accept(name string, data []byte) error {
	for role := range signed.Newest(s.Format, []string{name}) {
		file, err := roles.Read(s.Format, signed.RoleType(role), data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if known, err := s.version(role); err != nil || roles.HeadOf(file.Body).Version < known {
			return fmt.Errorf("%s: version %d after %d (%v)", name, roles.HeadOf(file.Body).Version, known, err)
		}
	}
	return s.write(name, data)
}

// Sign signs the next version of a role's file, or the given one, for a day.
func (s Server) Sign(body roles.Body, version int64, keys ...string) error {
	if version == 0 {
		known, err := s.version(string(body.Type()))
		if err != nil {
			return err
		}
		version = known + 1
	}
	roles.SetHead(s.Format, body, version, s.Now.AddDate(0, 0, 1))
	draft, err := roles.Encode(s.Format, body)
	if err != nil {
		return err
	}
	data, err := seal(draft, keys...)
	if err != nil {
		return err
	}
	return s.write(s.Format.MetadataPath(string(body.Type()), version), data)
}

// Next is what the next file of a role says, as things are.
func (s Server) Next(t roles.Type) (roles.Body, error) {
	switch t {
	case roles.TypeSnapshot:
		return s.Snapshot()
	case roles.TypeTimestamp:
		return s.Timestamp()
	case roles.TypeTargets:
		files, err := s.newest()
		if err != nil || files["targets"] == nil {
			return &roles.Targets{}, err
		}
		return files["targets"].Body, nil
	}
	return nil, fmt.Errorf("a server signs no %s", t)
}

// Snapshot states every targets file as it is now.
func (s Server) Snapshot() (*roles.Snapshot, error) {
	files, err := s.newest()
	body := &roles.Snapshot{}
	for role, file := range files {
		if signed.RoleType(role) == roles.TypeTargets {
			body.Meta = append(body.Meta, roles.MetaOf(role, file))
		}
	}
	slices.SortFunc(body.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
	return body, err
}

// Timestamp states the snapshot as it is now.
func (s Server) Timestamp() (*roles.Timestamp, error) {
	files, err := s.newest()
	if err != nil || files["snapshot"] == nil {
		return nil, fmt.Errorf("there is no snapshot (%v)", err)
	}
	return &roles.Timestamp{Snapshot: roles.MetaOf("snapshot", files["snapshot"])}, nil
}

// Assignment is a Director's targets file: one ECU is to install an image that the
// Image repository lists.
func (s Server) Assignment(image Server, path, ecu, hardware string) (*roles.Targets, error) {
	files, err := image.newest()
	if err != nil || files["targets"] == nil {
		return nil, fmt.Errorf("the Image repository has no targets (%v)", err)
	}
	listed := files["targets"].Body.(*roles.Targets).Image(path)
	if listed == nil {
		return nil, fmt.Errorf("%s is not listed", path)
	}
	custom := fmt.Appendf(nil, `{"ecuIdentifiers":{%q:{"hardwareId":%q}}}`, ecu, hardware)
	return &roles.Targets{Images: []roles.Image{{Path: path, Length: listed.Length, Hashes: listed.Hashes, Custom: custom}}}, nil
}

// newest reads the newest file of each role but root.
func (s Server) newest() (map[string]*roles.File, error) {
	folder, err := disk.Open(s.Dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := signed.MetadataNames(folder, ".")
	if err != nil {
		return nil, err
	}
	files := map[string]*roles.File{}
	for role, name := range signed.Newest(s.Format, names) {
		data, err := folder.Read(name, disk.MaxInput)
		if err != nil {
			return nil, err
		}
		if files[role], err = roles.Read(s.Format, signed.RoleType(role), data); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

// version is that of the newest file of a role, 0 for none.
func (s Server) version(role string) (int64, error) {
	files, err := s.newest()
	if err != nil || files[role] == nil {
		return 0, err
	}
	return roles.HeadOf(files[role].Body).Version, nil
}

func (s Server) write(name string, data []byte) error {
	name = filepath.Join(s.Dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, fs.FileMode(0o644))
}
