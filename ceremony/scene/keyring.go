package scene

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// Keyring knows the public keys of a workspace by name, in the spelling of one
// repository's format.
type Keyring struct {
	format  roles.Format
	Keys    map[string]roles.Key
	names   map[roles.Fingerprint]string
	records map[string]*workspace.KeyRecord
	planned map[string]hsm.KeyType // declared, but not generated yet
}

// loadKeyring reads keys/ and checks the declared keys of a repository against
// it. Keys that are declared and not there yet get a stand-in, so that a plan
// can show and check what they will change.
func loadKeyring(files workspace.View, repo *workspace.Repository, f roles.Format) (*Keyring, error) {
	records, err := files.Keys()
	if err != nil {
		return nil, err
	}
	if err := repo.CheckRecords(records); err != nil {
		return nil, err
	}
	ring := &Keyring{format: f, Keys: map[string]roles.Key{}, names: map[roles.Fingerprint]string{}, records: records, planned: map[string]hsm.KeyType{}}
	for _, name := range slices.Sorted(maps.Keys(records)) {
		record := records[name]
		if other, taken := ring.names[record.Fingerprint()]; taken {
			return nil, fault.Errorf(fault.Refused, "%s has the same public key as %s, want different keys", workspace.KeyPath(name), workspace.KeyPath(other))
		}
		// Keys of another repository may be of a type that this format lacks.
		if key, err := roles.NewKey(f, record.PublicKey()); err == nil {
			ring.add(name, key)
		} else if slices.Contains(repo.KeyNames, name) {
			return nil, repo.Trust().Errorf(fault.Refused, repo.Path("keys", name), "cannot be used: %w", err)
		}
	}
	for _, name := range repo.KeyNames {
		if _, ok := ring.Keys[name]; ok {
			continue
		}
		if err := ring.standIn(repo, name); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

func (r *Keyring) add(name string, key roles.Key) {
	r.Keys[name] = key
	r.names[key.Fingerprint] = name
}

// standIn takes the place of a key that a ceremony will generate.
func (r *Keyring) standIn(repo *workspace.Repository, name string) error {
	decl := repo.Keys[name]
	if file := decl.Public + decl.External; file != "" {
		return repo.Trust().Errorf(fault.Usage, repo.Path("keys", name), "%s does not exist", file).
			Hint("import the public key first: keyrite key import %s FILE", name)
	}
	if _, err := hsm.ParseKeyType(string(decl.Type)); err != nil {
		return repo.Trust().Errorf(fault.Usage, repo.Path("keys", name, "type"), "is of a key that does not exist yet: %w", err)
	}
	public, err := StandIn(name, decl.Type)
	if err != nil {
		return err
	}
	key, err := roles.NewKey(r.format, public)
	if err != nil {
		return repo.Trust().Errorf(fault.Refused, repo.Path("keys", name, "type"), "cannot be used: %w", err)
	}
	r.add(name, key)
	r.planned[name] = decl.Type
	return nil
}

// generated puts a key that was generated in the place of its stand-in.
func (r *Keyring) generated(record *workspace.KeyRecord) error {
	key, err := roles.NewKey(r.format, record.PublicKey())
	if err != nil {
		return err
	}
	if other, taken := r.names[key.Fingerprint]; taken && other != record.Name {
		return fault.Errorf(fault.Refused, "key %s has the same public key as %s, want different keys", record.Name, other)
	}
	delete(r.names, r.Keys[record.Name].Fingerprint)
	delete(r.planned, record.Name)
	r.add(record.Name, key)
	r.records[record.Name] = record
	return nil
}

// Planned says whether a key is declared and not generated yet.
func (r *Keyring) Planned(name string) bool {
	_, planned := r.planned[name]
	return planned
}

// Record is the record of a key, nil while it has yet to be generated.
func (r *Keyring) Record(name string) *workspace.KeyRecord { return r.records[name] }

// NameOf is the name of a public key, if a record gives it one.
func (r *Keyring) NameOf(k roles.Key) (string, bool) {
	name, ok := r.names[k.Fingerprint]
	return name, ok
}

// Prints are the fingerprints of all keys that have a record, by name.
func (r *Keyring) Prints() map[string]digest.SHA256 {
	prints := make(map[string]digest.SHA256, len(r.records))
	for name, record := range r.records {
		prints[name] = digest.SHA256(record.Fingerprint())
	}
	return prints
}

// Recorded lists the names in keys/.
func (r *Keyring) Recorded() []string { return slices.Sorted(maps.Keys(r.records)) }

// Name calls a key by its name, or by the beginning of its key id.
func (r *Keyring) Name(k roles.Key) string {
	name, ok := r.names[k.Fingerprint]
	if !ok {
		return "unknown key " + string(k.ID[:min(12, len(k.ID))]) + "…"
	}
	if r.Planned(name) {
		return name + ToBeGenerated
	}
	return name
}

// ToBeGenerated stands behind the name of a key that is not there yet.
const ToBeGenerated = " (to be generated)"
