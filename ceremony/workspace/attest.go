package workspace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/hsm"
)

// AttestationRecord is attestations/NAME.yaml: what a vendor's certificates say
// of where a key was made. It holds everything that is needed to verify it
// again, but for the trust in the vendor's roots, whose SHA-256 people compare.
type AttestationRecord struct {
	strict.Source `yaml:"-"`

	Version     int             `yaml:"version" json:"version"` // of the file format: 1
	Key         string          `yaml:"key" json:"key"`
	Verified    time.Time       `yaml:"verified" json:"verified"` // when the certificates were valid
	Attestation hsm.Attestation `yaml:"attestation" json:"attestation"`
	Roots       string          `yaml:"roots" json:"roots"` // the vendor's root certificates, PEM
}

func AttestationPath(name string) string { return "attestations/" + name + ".yaml" }

// Attestation reads the attestation of a key and verifies it again, as of the
// time when it was taken in. It returns nil when there is none.
func (w *Workspace) Attestation(record *KeyRecord) (*AttestationRecord, error) {
	file := AttestationPath(record.Name)
	data, err := w.Read(file, strict.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a := new(AttestationRecord)
	if err := strict.Decode(file, data, a); err != nil {
		return nil, err
	}
	if a.Version != 1 || a.Key != record.Name {
		return nil, fault.Errorf(fault.Usage, "%s: version %d of key %q, want version 1 of %s", file, a.Version, a.Key, record.Name)
	}
	again, err := hsm.VerifyAttestation(record.PublicKey(), []byte(a.Attestation.Chain), []byte(a.Roots), a.Verified)
	if err == nil && again != a.Attestation {
		err = errors.New("it says something else than its certificates")
	}
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", file, err)
	}
	return a, nil
}

// String says it in words, for people to compare with the vendor's publications.
func (a *AttestationRecord) String() string {
	text := fmt.Sprintf("attestation  %s, under %s\nvendor roots sha-256 %x\n", a.Attestation.Subject, a.Attestation.Root, sha256.Sum256([]byte(a.Roots)))
	if a.Attestation.Serial != "" {
		text += fmt.Sprintf("device       serial %s, firmware %s, PIN policy %s, touch policy %s\n",
			a.Attestation.Serial, a.Attestation.Firmware, a.Attestation.PINPolicy, a.Attestation.TouchPolicy)
	}
	return text
}
