package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

const (
	// RehearsalFile says that its folder is the world of a rehearsal.
	RehearsalFile = "rehearsal.yaml"

	// RehearsalsDir holds those worlds, in a workspace that is none.
	RehearsalsDir = "rehearsals"

	// FakePrefix begins the label of each token and each key of a rehearsal. A token
	// is known by it wherever it is plugged in: who does not have its security
	// officer's PIN cannot take it off.
	FakePrefix = "FAKE "
)

// Rehearsal is rehearsal.yaml: a world in which a ceremony is rehearsed. A plan in it
// pins this file. All metadata, tokens and keys of such a world say that they are
// fake, and all others do not: each side refuses what is of the other, so that
// neither renaming nor removing this file makes one into the other.
type Rehearsal struct {
	strict.Source `yaml:"-"`

	Version int           `yaml:"version"` // of the file format: 1
	Of      string        `yaml:"of"`      // the ceremony that is rehearsed
	Plan    digest.SHA256 `yaml:"plan"`    // of its plan.yaml
	Made    time.Time     `yaml:"made"`
	Until   time.Time     `yaml:"until"` // nothing in it is valid for longer
}

// Encode writes the file as it is read.
func (r *Rehearsal) Encode() ([]byte, error) {
	data, err := strict.Encode(r)
	return append([]byte("# FAKE: a rehearsal. No key, signature or file below this folder is meant.\n"), data...), err
}

// Rehearsal reads rehearsal.yaml; nil where there is none, and all is meant.
func (w View) Rehearsal() (*Rehearsal, error) {
	data, err := w.Read(RehearsalFile, strict.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := new(Rehearsal)
	if err := strict.Decode(RehearsalFile, data, r); err != nil {
		return nil, err
	}
	if r.Version != 1 {
		return nil, r.Errorf(fault.Usage, "version", "is %d, want 1", r.Version)
	}
	return r, nil
}

// IsFake says whether a token or a key with that label is one of a rehearsal.
func IsFake(label string) bool { return strings.HasPrefix(label, FakePrefix) }

// Belongs refuses what is fake outside of a rehearsal, and what is meant within one.
// what names the thing and says by what it is known.
func (r *Rehearsal) Belongs(fake bool, what string) error {
	switch {
	case fake && r == nil:
		return fault.Errorf(fault.Refused, "%s: it is of a rehearsal, and nothing of a rehearsal is meant", what).
			Hint("take it away from here; if it came by itself, find out how")
	case !fake && r != nil:
		return fault.Errorf(fault.Refused, "%s: it is a real one, and a rehearsal touches none", what).
			Hint("rehearse anew: keyrite rehearse %s", r.Of)
	}
	return nil
}

// Belongs is [Rehearsal.Belongs] for the record of a key.
func (w View) Belongs(k *KeyRecord) error {
	r, err := w.Rehearsal()
	if err != nil {
		return err
	}
	label := ""
	if k.Token != nil {
		label = k.Token.Label
	}
	return r.Belongs(IsFake(label), fmt.Sprintf("key %s, of token %q", k.Name, label))
}

// fakeKeys is where the public keys of all rehearsals are listed: the label of a
// token is lost when a public key is exported, its value is not.
var fakeKeys = path.Join(RehearsalsDir, "fake-keys.txt")

// maxFakeKeys bounds that list, in bytes: some hundred thousand keys.
const maxFakeKeys = 16 << 20

// NotFake refuses public keys that a rehearsal of this workspace has made, by name.
func (w *Workspace) NotFake(keys map[string]digest.SHA256) error {
	fakes, err := w.fakes()
	if err != nil {
		return err
	}
	for name, print := range keys {
		if where, fake := fakes[print.String()]; fake {
			return fault.Errorf(fault.Refused, "key %s is FAKE: its public key is that of %s", name, where).
				Hint("take keys/%s.yaml away; %s lists the keys of all rehearsals", name, fakeKeys)
		}
	}
	return nil
}

// fakes says of which rehearsal a public key is, by the SHA-256 of its SPKI DER.
func (w *Workspace) fakes() (map[string]string, error) {
	data, err := w.Read(fakeKeys, maxFakeKeys)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	fakes := map[string]string{}
	for line := range strings.Lines(string(data)) {
		sum, where, _ := strings.Cut(strings.TrimSpace(line), " ")
		fakes[sum] = where
	}
	return fakes, nil
}

// AddFakes lists public keys of a rehearsal, each once.
func (w *Workspace) AddFakes(rehearsal string, keys map[string]digest.SHA256) error {
	fakes, err := w.fakes()
	if err != nil {
		return err
	}
	file, err := w.OpenAppend(fakeKeys)
	if err != nil {
		return err
	}
	defer file.Close()
	for name, print := range keys {
		if _, listed := fakes[print.String()]; listed {
			continue
		}
		if _, err := fmt.Fprintf(file, "%s %s of %s\n", print, name, rehearsal); err != nil {
			return err
		}
	}
	return file.Sync()
}
