package plan

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"math/big"
	"slices"

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
func loadKeyring(ws *workspace.Workspace, repo *workspace.Repository, f roles.Format) (*Keyring, error) {
	records, err := ws.Keys()
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
	if decl.Public != "" {
		return repo.Trust().Errorf(fault.Usage, repo.Path("keys", name, "public"), "%s does not exist", decl.Public).
			Hint("import the public key first: keyrite key import %s FILE", name)
	}
	public, err := StandInKey(decl.Type)
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

// StandInKey makes a public key of a type that nobody can sign with.
func StandInKey(t hsm.KeyType) (crypto.PublicKey, error) {
	switch t {
	case hsm.ECDSAP256, hsm.ECDSAP384:
		curve := elliptic.P256()
		if t == hsm.ECDSAP384 {
			curve = elliptic.P384()
		}
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			return nil, err
		}
		return &k.PublicKey, nil
	case hsm.RSA3072, hsm.RSA4096:
		bits := 3072
		if t == hsm.RSA4096 {
			bits = 4096
		}
		n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits-1)))
		if err != nil {
			return nil, err
		}
		n.SetBit(n.SetBit(n, bits-1, 1), 0, 1)
		return &rsa.PublicKey{N: n, E: 65537}, nil
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	return public, err
}

// recorded lists the names in keys/.
func (r *Keyring) recorded() []string { return slices.Sorted(maps.Keys(r.records)) }

// list returns the keys of those names, in their order.
func (r *Keyring) list(names []string) []roles.Key {
	keys := make([]roles.Key, len(names))
	for i, name := range names {
		keys[i] = r.Keys[name]
	}
	return keys
}

// name calls a key by its name, or by the beginning of its key id.
func (r *Keyring) name(k roles.Key) string {
	name, ok := r.names[k.Fingerprint]
	if !ok {
		return "unknown key " + string(k.ID[:min(12, len(k.ID))]) + "…"
	}
	if _, planned := r.planned[name]; planned {
		return name + " (to be generated)"
	}
	return name
}
