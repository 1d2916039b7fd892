package scene

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Scene is one moment of one repository: what is declared, what is signed, and
// what follows from both. It is read once; whoever signs and writes a file takes
// it in with Put, and never looks at the disk for it again.
type Scene struct {
	Trust  *workspace.Trust
	Repo   *workspace.Repository
	Format roles.Format
	Policy *policies.Policy
	Ring   *Keyring
	Signed *signed.State
	At     time.Time // when the plan was made, which new images are dated by

	Files   workspace.View
	images  map[string]*images.List // by role
	listed  map[string][]roles.Image
	drafts  map[string]*Draft // by role, of the file that was planned last
	bodies  map[string]roles.Body
	changes map[string]changes
	spelled map[string]map[roles.Fingerprint]roles.Key // by who lists them, root or targets

	overlaps map[string]overlap // by role, what root keeps of it for now; see Gradually
}

// Read reads everything that a plan for a repository is derived from.
// Signatures are not verified yet.
func Read(files workspace.Files, repository string, at time.Time) (*Scene, error) {
	s := &Scene{Files: workspace.View{Files: files}, At: at, images: map[string]*images.List{}, listed: map[string][]roles.Image{}, drafts: map[string]*Draft{}, bodies: map[string]roles.Body{}, changes: map[string]changes{}, spelled: map[string]map[roles.Fingerprint]roles.Key{}}
	var err error
	if s.Trust, err = s.Files.Trust(); err != nil {
		return nil, err
	}
	if s.Repo, err = s.Trust.Repository(repository); err != nil {
		return nil, err
	}
	if s.Format, err = roles.FormatByName(s.Repo.Format); err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %w", s.Repo.Path("format"), err)
	}
	if s.Policy, err = s.Repo.LoadPolicy(s.Files); err != nil {
		return nil, err
	}
	if s.Signed, err = signed.Load(files, repository, s.Format); err != nil {
		return nil, err
	}
	if s.Ring, err = loadKeyring(s.Files, s.Repo, s.Format); err != nil {
		return nil, err
	}
	for role, file := range s.Repo.ImagesFiles() {
		if s.images[role], err = s.Files.Images(file); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// In says in which room this is: a server signs what no site can.
func (s *Scene) In(room Room) {
	s.Signed.Server = s.Repo.Server(func(key string) bool {
		return room.Holds(key) || s.Ring.Record(key).OnToken()
	})
}

// Served says whether a server signs a role.
func (s *Scene) Served(role string) bool {
	return slices.Contains(roles.From(s.Signed.Server), roles.Type(role))
}

// Put takes in a file that was signed and written.
func (s *Scene) Put(role, where string, file *roles.File) {
	s.Signed.Put(role, where, file)
	s.moved()
}

// AddKey takes in the record of a key that was generated. From here on its value
// counts, and not what lies in keys/.
func (s *Scene) AddKey(record *workspace.KeyRecord) error {
	s.moved()
	return s.Ring.generated(record)
}

// moved forgets what followed from the scene as it was.
func (s *Scene) moved() {
	clear(s.drafts)
	clear(s.bodies)
	clear(s.changes)
	clear(s.spelled)
}
