// Package fleet makes up what is measured: targets metadata of many images, and
// the software keys that sign it.
package fleet

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptane/keyrite/roles"
)

// Write lays out the files that candidates read (package candidate): targets
// metadata of n images, signed by two Ed25519 keys, and its root. It returns the
// size of the targets file in bytes.
func Write(dir string, n int) (int64, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	var signers []Signer
	var seeds string
	for range 2 {
		signer, err := NewSigner()
		if err != nil {
			return 0, err
		}
		signers = append(signers, signer)
		seeds += hex.EncodeToString(signer.private.Seed()) + "\n"
	}
	root := roles.NewRoot(roles.TUF)
	root.Head = Head()
	for _, t := range roles.TopLevel {
		root.SetRole(string(t), 2, []roles.Key{signers[0].Key, signers[1].Key})
	}
	rootFile, err := Seal(root, signers...)
	if err != nil {
		return 0, err
	}
	targetsFile, err := Seal(&roles.Targets{Head: Head(), Images: images(n)}, signers...)
	if err != nil {
		return 0, err
	}
	for name, data := range map[string][]byte{"root.json": rootFile, "targets.json": targetsFile, "seeds.txt": []byte(seeds)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return 0, err
		}
	}
	return int64(len(targetsFile)), nil
}

// Head is that of a first version that does not expire soon.
func Head() roles.Head {
	return roles.Head{Version: 1, Expires: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// Path is that of image i of n: a thousand folders at most.
func Path(i, n int) string { return fmt.Sprintf("ecu-%03d/firmware-%07d.bin", i*1000/n, i) }

// Content is what image i holds where there is a file of it.
func Content(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)) }

// images lists n images in about 330 bytes each, as a large fleet has them.
func images(n int) []roles.Image {
	list := make([]roles.Image, n)
	for i := range list {
		list[i] = roles.Image{
			Path:   Path(i, n),
			Length: int64(1<<20 + i),
			Hashes: roles.HashesOf(Content(i)),
			Custom: fmt.Appendf(nil, `{"hardwareIds":["ecu-%03d"],"releaseCounter":%d}`, i*1000/n, i),
		}
	}
	return list
}

// Signer is an Ed25519 key pair in software.
type Signer struct {
	Key     roles.Key
	private ed25519.PrivateKey
}

// NewSigner makes a key pair.
func NewSigner() (Signer, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Signer{}, err
	}
	key, err := roles.NewKey(roles.TUF, public)
	return Signer{key, private}, err
}

// PKCS8 is the private key in DER (RFC 5208), which every peer reads.
func (s Signer) PKCS8() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(s.private) }

// Seal returns a metadata file with the signatures of all signers.
func Seal(b roles.Body, signers ...Signer) ([]byte, error) {
	draft, err := roles.Encode(roles.TUF, b)
	if err != nil {
		return nil, err
	}
	var signatures []roles.SignedBy
	for _, s := range signers {
		signatures = append(signatures, roles.SignedBy{Key: s.Key, Value: ed25519.Sign(s.private, draft.Signed)})
	}
	return draft.Seal(signatures)
}
