// Command go-tuf-v2 does with go-tuf v2 what a peer does; see package whole.
package main

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
)

func main() {
	var err error
	if dir := os.Args[2]; os.Args[1] == "verify" {
		err = verify(dir)
	} else {
		err = add(dir, os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-tuf-v2:", err)
		os.Exit(1)
	}
}

func verify(dir string) error {
	var files [4][]byte
	for i, name := range []string{"1.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"} {
		var err error
		if files[i], err = os.ReadFile(filepath.Join(dir, "metadata", name)); err != nil {
			return err
		}
	}
	trusted, err := trustedmetadata.New(files[0])
	if err != nil {
		return err
	}
	if _, err := trusted.UpdateTimestamp(files[1]); err != nil {
		return err
	}
	if _, err := trusted.UpdateSnapshot(files[2], false); err != nil {
		return err
	}
	_, err = trusted.UpdateTargets(files[3])
	return err
}

func add(dir, out string) error {
	targets, err := metadata.Targets().FromFile(filepath.Join(dir, "metadata", "1.targets.json"))
	if err != nil {
		return err
	}
	snapshot, err := metadata.Snapshot().FromFile(filepath.Join(dir, "metadata", "1.snapshot.json"))
	if err != nil {
		return err
	}
	timestamp, err := metadata.Timestamp().FromFile(filepath.Join(dir, "metadata", "timestamp.json"))
	if err != nil {
		return err
	}
	for _, image := range targets.Signed.Targets {
		targets.Signed.Targets["ecu-new/firmware.bin"] = image
		break
	}
	expires := time.Now().UTC().Add(90 * 24 * time.Hour).Truncate(time.Second)
	targets.Signed.Version, targets.Signed.Expires = 2, expires
	if snapshot.Signed.Meta["targets.json"], err = publish(targets, dir, "targets", out, "2.targets.json"); err != nil {
		return err
	}
	snapshot.Signed.Version, snapshot.Signed.Expires = 2, expires
	if timestamp.Signed.Meta["snapshot.json"], err = publish(snapshot, dir, "snapshot", out, "2.snapshot.json"); err != nil {
		return err
	}
	timestamp.Signed.Version, timestamp.Signed.Expires = 2, expires
	_, err = publish(timestamp, dir, "timestamp", out, "timestamp.json")
	return err
}

// publish signs version 2 of a file, writes it and returns what its referrer
// states of it.
func publish[T metadata.Roles](m *metadata.Metadata[T], dir, role, out, name string) (*metadata.MetaFiles, error) {
	der, err := os.ReadFile(filepath.Join(dir, "keys", role+".der"))
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, err := signature.LoadSigner(key, crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	m.ClearSignatures()
	if _, err := m.Sign(signer); err != nil {
		return nil, err
	}
	data, err := m.ToBytes(false)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	entry := &metadata.MetaFiles{Version: 2, Length: int64(len(data)), Hashes: metadata.Hashes{"sha256": sum[:]}}
	return entry, os.WriteFile(filepath.Join(out, name), data, 0o644)
}
