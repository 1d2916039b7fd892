package policies

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// bystander waives what a change cannot help breaking too.
const bystander = "bystander"

func (f *fixture) waive(ids ...string) {
	for _, id := range ids {
		f.Waivers = append(f.Waivers, Waiver{Check: id, Reason: "part of the same change", Person: bystander})
	}
}

// replace puts another public key in the place of a delegated role's key.
func (f *fixture) replace(t *testing.T, name, kind string, public any) {
	old := f.keys[name]
	f.addPublic(t, name, kind, public)
	d := f.Next.Targets.Delegations
	for i, k := range d.Keys {
		if k.ID == old.ID {
			d.Keys[i] = f.keys[name]
		}
	}
	for i, id := range f.acme().KeyIDs {
		if id == old.ID {
			f.acme().KeyIDs[i] = f.keys[name].ID
		}
	}
}

// weak makes acme-1 an RSA key of a modulus.
func (f *fixture) weak(t *testing.T, modulus *big.Int) {
	f.replace(t, "acme-1", "rsa-3072", &rsa.PublicKey{N: modulus, E: minExponent})
	f.waive("CLIENT-PEM", "KEY-TYPE")
}

// rename lists a root key under another key id, in both roots.
func (f *fixture) rename(name string, id roles.KeyID) {
	old := f.keys[name].ID
	for _, s := range []*Set{f.Previous, f.Next} {
		for i := range s.Root.Keys {
			if s.Root.Keys[i].ID == old {
				s.Root.Keys[i].ID = id
			}
		}
		for i, listed := range s.Root.Role("root").KeyIDs {
			if listed == old {
				s.Root.Role("root").KeyIDs[i] = id
			}
		}
	}
}

func (f *fixture) renameBrake(name string) {
	f.Next.Delegated["acme"].Delegations.Roles[0].Name = name
	f.Next.Delegated[name] = f.Next.Delegated["brake"]
	f.Next.Bytes[name] = f.Next.Bytes["brake"]
	delete(f.Next.Delegated, "brake")
}

// director makes the fixture a Director: no delegations, no custody of online
// keys, one key and a day each.
func (f *fixture) director() {
	f.Next.Targets.Delegations, f.Previous.Targets.Delegations = nil, nil
	f.Next.Delegated, f.Previous.Delegated = nil, nil
	f.Unattended = []string{"snapshot", "timestamp"}
	for _, role := range []string{"targets", "snapshot", "timestamp"} {
		for _, name := range keyNames[role] {
			f.facts(name, func(k *KeyFacts) { k.Token, k.Evidence = "", nil })
		}
		roles.HeadOf(f.Next.body(role)).Expires = now.Add(day)
	}
}

// freshOnline replaces all keys of snapshot and timestamp with the new root.
func (f *fixture) freshOnline(t *testing.T) {
	for _, role := range []string{"snapshot", "timestamp"} {
		names := []string{"new-" + role + "-1", "new-" + role + "-2"}
		for _, name := range names {
			f.addKey(t, name)
		}
		f.Next.Root.SetRole(role, 1, f.list(names...))
		f.Signing[role] = f.prints(names[0])
	}
}

// found makes the fixture what was found somewhere: nothing is being signed.
func (f *fixture) found() {
	f.Signing = nil
	f.Previous = f.Next
}

// large makes what others made large.
func (f *fixture) large(role string, size int64) {
	f.found()
	f.Next.Bytes[role] = size
}

// unstate lets snapshot state no length of a file.
func (f *fixture) unstate(name string) {
	f.Next.Snapshot.Find(strings.TrimSuffix(name, ".json")).Length = -1
}

// otaCE makes the fixture one of format ota-ce, its keys included.
func (f *fixture) otaCE(t testing.TB) {
	f.Format = roles.OTACE
	for name, k := range f.keys {
		facts := f.Keys[k.Fingerprint]
		f.addPublic(t, name, facts.Type, k.Public)
	}
	f.Previous, f.Next = f.set(1), f.set(2)
	for _, s := range []*Set{f.Previous, f.Next} {
		for _, role := range []string{"root", "targets", "snapshot", "timestamp", "acme", "brake"} {
			roles.HeadOf(s.body(role)).SpecVersion = ""
		}
	}
	for _, role := range []string{"acme", "brake"} {
		f.Next.Delegated[role].Version = 1
	}
}

func (f *fixture) rotate(version int64) {
	f.Previous.Root.Version, f.Next.Root.Version = version-1, version
	f.Roots = nil
	for v := int64(1); v <= version; v++ {
		f.Roots = append(f.Roots, v)
	}
}

func (f *fixture) addPath(pattern string) { f.acme().Paths = append(f.acme().Paths, pattern) }

// rival gives a second supplier a path of the first.
func (f *fixture) rival(terminating bool) {
	f.acme().Terminating = terminating
	d := f.Next.Targets.Delegations
	d.Roles = append(d.Roles, roles.DelegatedRole{Role: roles.Role{Name: "acm", Threshold: 1, KeyIDs: d.Roles[0].KeyIDs}, Paths: []string{"acme/acme-2.bin"}})
	f.waive("DELEGATED-KEYS-APART", "DELEGATION-FILE")
	if terminating {
		f.waive("DELEGATION-TERMINATING")
	}
}

// rename1 gives the only image of targets another path, before and after.
func (f *fixture) rename1(path string) {
	f.Previous.Targets.Images[0].Path, f.Next.Targets.Images[0].Path = path, path
}

func (f *fixture) addImage(image roles.Image) {
	f.Next.Targets.Images = append(f.Next.Targets.Images, image)
}

func ecPublic(t *testing.T, curve elliptic.Curve) any {
	d := make([]byte, (curve.Params().BitSize+7)/8)
	d[len(d)-1] = 7
	k, err := ecdsa.ParseRawPrivateKey(curve, d)
	if err != nil {
		t.Fatal(err)
	}
	return k.Public()
}

func publishedP256(t *testing.T) any {
	for _, k := range publishedKeys() {
		if k, ok := k.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P256() {
			return k
		}
	}
	t.Fatal("no P-256 key is known to be published")
	return nil
}

// primes are four primes of 1024 bits, far apart.
var primes = func() (list []*big.Int) {
	for i := int64(0); i < 4; i++ {
		p := new(big.Int).Lsh(big.NewInt(12+i), 1020)
		list = append(list, nextPrime(p))
	}
	return list
}()

func nextPrime(n *big.Int) *big.Int {
	for p := new(big.Int).Add(n, big.NewInt(1)); ; p.Add(p, big.NewInt(1)) {
		if p.ProbablyPrime(0) {
			return p
		}
	}
}

// rsaPublic is a public key of a size whose modulus has no small factors.
func rsaPublic(bits int) *rsa.PublicKey {
	n, one := new(big.Int).Lsh(big.NewInt(3), uint(bits-2)), big.NewInt(1)
	for new(big.Int).GCD(nil, nil, n, smallPrimes()).Cmp(one) != 0 {
		n.Add(n, one)
	}
	return &rsa.PublicKey{N: n, E: minExponent}
}

// rocaModulus has the mark of the faulty library: modulo each of the primes that
// the test looks at it is a power of 65537.
func rocaModulus() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(7), 2046)
	n.Sub(n, new(big.Int).Mod(n, smallPrimes()))
	return n.Add(n, big.NewInt(1)) // 1 is 65537 to the power of 0
}
