package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptane/keyrite/roles"
)

// writeFleet lays out the files that candidates read (package candidate):
// targets metadata of n images, signed by two Ed25519 keys, and its root. It
// returns the size of the targets file in bytes.
func writeFleet(dir string, n int) (int64, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	var privates []ed25519.PrivateKey
	var keys []roles.Key
	var seeds string
	for range 2 {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return 0, err
		}
		key, err := roles.NewKey(roles.TUF, public)
		if err != nil {
			return 0, err
		}
		privates, keys = append(privates, private), append(keys, key)
		seeds += hex.EncodeToString(private.Seed()) + "\n"
	}
	root := roles.NewRoot(roles.TUF)
	root.Head = head()
	for _, t := range roles.TopLevel {
		root.SetRole(string(t), 2, keys)
	}
	rootFile, err := seal(root, keys, privates)
	if err != nil {
		return 0, err
	}
	targetsFile, err := seal(&roles.Targets{Head: head(), Images: images(n)}, keys, privates)
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

func head() roles.Head {
	return roles.Head{Version: 1, Expires: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// images lists n images in about 330 bytes each, as a large fleet has them.
func images(n int) []roles.Image {
	list := make([]roles.Image, n)
	for i := range list {
		list[i] = roles.Image{
			Path:   fmt.Sprintf("ecu-%03d/firmware-%07d.bin", i*1000/n, i),
			Length: int64(1<<20 + i),
			Hashes: roles.HashesOf(binary.BigEndian.AppendUint64(nil, uint64(i))),
			Custom: fmt.Appendf(nil, `{"hardwareIds":["ecu-%03d"],"releaseCounter":%d}`, i*1000/n, i),
		}
	}
	return list
}

func seal(b roles.Body, keys []roles.Key, privates []ed25519.PrivateKey) ([]byte, error) {
	draft, err := roles.Encode(roles.TUF, b)
	if err != nil {
		return nil, err
	}
	var signatures []roles.SignedBy
	for i, private := range privates {
		signatures = append(signatures, roles.SignedBy{Key: keys[i], Value: ed25519.Sign(private, draft.Signed)})
	}
	return draft.Seal(signatures)
}
