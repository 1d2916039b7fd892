package workspace

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// KeyRecord is keys/NAME.yaml: what is publicly known of one key. The record of
// a key from a token says where it came to be and proves that the token has it;
// the record of an imported key may have no more than the public key.
type KeyRecord struct {
	strict.Source `yaml:"-" json:"-"`

	Version  int               `yaml:"version" json:"version"` // of the file format: 1
	Name     string            `yaml:"name" json:"name"`
	Type     hsm.KeyType       `yaml:"type" json:"type"`     // `rsa-N` also for imported keys of other sizes
	Public   string            `yaml:"public" json:"public"` // PEM, SubjectPublicKeyInfo
	KeyIDs   map[string]string `yaml:"keyids" json:"keyids"` // by format; a format that does not take the key is left out
	Created  time.Time         `yaml:"created" json:"created"`
	Token    *TokenRecord      `yaml:"token,omitempty" json:"token,omitempty"`
	Evidence *hsm.Evidence     `yaml:"evidence,omitempty" json:"evidence,omitempty"`
	Proof    *hsm.Proof        `yaml:"proof,omitempty" json:"proof,omitempty"`
	Compared *Comparison       `yaml:"compared,omitempty" json:"compared,omitempty"` // of an imported key

	public      crypto.PublicKey
	fingerprint roles.Fingerprint
}

// TokenRecord is the token that made a key, as it described itself.
type TokenRecord struct {
	Label        string `yaml:"label" json:"label"`
	Serial       string `yaml:"serial" json:"serial"`
	Model        string `yaml:"model" json:"model"`
	Manufacturer string `yaml:"manufacturer" json:"manufacturer"`
	Firmware     string `yaml:"firmware" json:"firmware"`
	Ledger       bool   `yaml:"ledger" json:"ledger"` // it remembers what its keys signed
}

// Comparison is what people said of the words of somebody else's key. It is no proof:
// what trust.yaml says of the fingerprint counts.
type Comparison struct {
	By      string    `yaml:"by" json:"by"`           // who compared them
	With    string    `yaml:"with" json:"with"`       // whoever holds the key
	Channel string    `yaml:"channel" json:"channel"` // such as telephone, or in person
	At      time.Time `yaml:"at" json:"at"`
}

// maxComparison bounds each answer, in bytes.
const maxComparison = 200

// Check refuses what is not said whole, on one line each.
func (c *Comparison) Check() error {
	for _, a := range []struct{ what, text string }{{"who compared the words", c.By}, {"with whom they were compared", c.With}, {"the channel", c.Channel}} {
		if strings.TrimSpace(a.text) == "" || len(a.text) > maxComparison || strings.ContainsFunc(a.text, words.Hidden) {
			return fault.Errorf(fault.Usage, "%s is %s, want 1 to %d characters", a.what, words.Quote(a.text), maxComparison)
		}
	}
	return nil
}

// String is the comparison in one line.
func (c *Comparison) String() string {
	return fmt.Sprintf("by %s with %s, %s, %s", c.By, c.With, c.Channel, c.At.UTC().Format("2006-01-02 15:04 MST"))
}

// NewKeyRecord makes the record of a public key, which it refuses when it is
// weak or no format takes it. Token, Evidence and Proof are for the caller.
func NewKeyRecord(name string, public crypto.PublicKey, created time.Time) (*KeyRecord, error) {
	if !disk.Names.MatchString(name) {
		return nil, fault.Errorf(fault.Usage, "key name is %q, %s", name, disk.NamesRule)
	}
	r := &KeyRecord{Version: 1, Name: name, Created: created.UTC().Truncate(time.Second), public: public}
	if err := r.derive(); err != nil {
		return nil, fault.Errorf(fault.Unverified, "key %s: %w", name, err)
	}
	return r, nil
}

// derive fills in what follows from the public key.
func (r *KeyRecord) derive() error {
	r.KeyIDs = make(map[string]string)
	var refusals []error
	for _, format := range roles.Formats {
		key, err := roles.NewKey(format, r.public)
		if err != nil {
			refusals = append(refusals, fmt.Errorf("%s: %w", format.Name(), err))
			continue
		}
		r.KeyIDs[format.Name()] = string(key.ID)
	}
	if len(r.KeyIDs) == 0 {
		return fmt.Errorf("no format takes the key: %w", errors.Join(refusals...))
	}
	der, err := x509.MarshalPKIXPublicKey(r.public)
	if err != nil {
		return err
	}
	r.fingerprint = sha256.Sum256(der)
	if r.Public, err = roles.MarshalPEM(r.public); err != nil {
		return err
	}
	r.Type, err = recordType(r.public)
	return err
}

func recordType(public crypto.PublicKey) (hsm.KeyType, error) {
	if k, ok := public.(*rsa.PublicKey); ok {
		return hsm.KeyType(fmt.Sprintf("rsa-%d", k.N.BitLen())), nil
	}
	return hsm.TypeOf(public)
}

// ParseKeyRecord reads the record of the key called name. Everything that
// follows from the public key is computed again, and the proof of possession is
// verified; a record that is wrong in this has code Unverified.
func ParseKeyRecord(file, name string, data []byte) (*KeyRecord, error) {
	if err := strict.LineEnds(file, data); err != nil {
		return nil, err
	}
	r := new(KeyRecord)
	if err := strict.Decode(file, data, r); err != nil {
		return nil, err
	}
	if r.Version != 1 {
		return nil, r.Errorf(fault.Usage, "version", "is %d, want 1", r.Version)
	}
	if r.Name != name {
		return nil, r.Errorf(fault.Unverified, "name", "is %q, want %q as the file is called", r.Name, name)
	}
	if err := r.verify(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *KeyRecord) verify() error {
	public, err := roles.ParsePEM([]byte(r.Public))
	if err != nil {
		return r.Errorf(fault.Unverified, "public", "is not usable: %w", err)
	}
	want := KeyRecord{public: public}
	if err := want.derive(); err != nil {
		return r.Errorf(fault.Unverified, "public", "is not usable: %w", err)
	}
	switch {
	case r.Public != want.Public:
		return r.Errorf(fault.Unverified, "public", "is not in its plain form, want\n%s", want.Public)
	case r.Type != want.Type:
		return r.Errorf(fault.Unverified, "type", "is %q, but the public key is %s", r.Type, want.Type)
	case !maps.Equal(r.KeyIDs, want.KeyIDs):
		return r.Errorf(fault.Unverified, "keyids", "do not fit the public key, want %s", keyIDText(want.KeyIDs))
	}
	if r.Compared != nil {
		if err := r.Compared.Check(); err != nil {
			return r.Errorf(fault.Usage, "compared", "cannot be used: %w", err)
		}
	}
	r.public, r.fingerprint = want.public, want.fingerprint
	return r.verifyProof()
}

// verifyProof verifies that the token of this record had the private key. A key
// that was imported may come without proof, but then without a token too.
func (r *KeyRecord) verifyProof() error {
	if r.Proof == nil {
		if r.Token != nil || r.Evidence != nil {
			return r.Errorf(fault.Unverified, "proof", "is missing, want one for a key from a token")
		}
		return nil
	}
	if err := r.Proof.Verify(r.Name, r.public); err != nil {
		return r.Errorf(fault.Unverified, "proof", "does not verify: %w", err)
	}
	if r.Token != nil && r.Token.Serial != r.Proof.TokenSerial {
		return r.Errorf(fault.Unverified, "token.serial", "is %q, but the proof is from %q", r.Token.Serial, r.Proof.TokenSerial)
	}
	return nil
}

// PublicKey returns the public key: an ed25519.PublicKey, *ecdsa.PublicKey or
// *rsa.PublicKey.
func (r *KeyRecord) PublicKey() crypto.PublicKey { return r.public }

// Fingerprint identifies the public key whatever it is called.
func (r *KeyRecord) Fingerprint() roles.Fingerprint { return r.fingerprint }

// Encode writes the record as ParseKeyRecord reads it.
func (r *KeyRecord) Encode() ([]byte, error) { return strict.Encode(r) }

func KeyPath(name string) string { return "keys/" + name + ".yaml" }

func keyIDText(ids map[string]string) string {
	var parts []string
	for _, format := range slices.Sorted(maps.Keys(ids)) {
		parts = append(parts, format+" "+ids[format])
	}
	return strings.Join(parts, ", ")
}
