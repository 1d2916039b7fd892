package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/uptane/keyrite/interop/bench/fleet"
	"github.com/uptane/keyrite/roles"
)

// scale is how much there is of everything.
type scale struct {
	images, delegations int
	size                int64 // of each image in bytes; 0: a few bytes
	apart               bool  // each supplier has a token, and not one all of them
}

func (s scale) String() string {
	if s.size > 0 {
		return fmt.Sprintf("%d of %d MiB", s.images, s.size>>20)
	}
	return fmt.Sprint(s.images)
}

// shown is the number of delegations in the table.
func (s scale) shown() string {
	if s.apart {
		return fmt.Sprintf("%d, a token each", s.delegations)
	}
	return fmt.Sprint(s.delegations)
}

// suppliers are the delegated roles, and their keys. Each lists one image.
func (s scale) suppliers() []string {
	var names []string
	for i := range s.delegations {
		names = append(names, fmt.Sprintf("supplier-%03d", i))
	}
	return names
}

// writeImages makes the files that `keyrite hash` lists.
func (s scale) writeImages(dir string) error {
	for i := range s.images {
		content := fleet.Content(i)
		if s.size > 0 {
			content = make([]byte, s.size)
			if _, err := io.ReadFull(rand.NewChaCha8([32]byte{byte(i)}), content); err != nil {
				return err
			}
		}
		if err := writeImage(filepath.Join(dir, fleet.Path(i, s.images)), content); err != nil {
			return err
		}
	}
	return nil
}

func writeImage(name string, content []byte) error {
	err := os.WriteFile(name, content, 0o644)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			err = os.WriteFile(name, content, 0o644)
		}
	}
	return err
}

// listed are the same images as metadata.
func (s scale) listed() []roles.Image {
	list := make([]roles.Image, s.images)
	for i := range list {
		content := fleet.Content(i)
		list[i] = roles.Image{
			Path: fleet.Path(i, s.images), Length: int64(len(content)), Hashes: roles.HashesOf(content),
			Custom: []byte(`{"hardwareIds":["ecu"],"releaseCounter":1}`),
		}
	}
	return list
}

// writeRepository publishes the images for peers, in dir/metadata, with one software key
// for each role, in dir/keys/ROLE.der.
func (s scale) writeRepository(dir string) error {
	p := publisher{dir: dir, signers: make(map[string]fleet.Signer)}
	root := roles.NewRoot(roles.TUF)
	root.Head = fleet.Head()
	for _, t := range roles.TopLevel {
		root.SetRole(string(t), 1, []roles.Key{p.key(string(t))})
	}
	p.publish("root", "1.root.json", root)
	targets := p.publish("targets", "1.targets.json", &roles.Targets{Head: fleet.Head(), Images: s.listed()})
	snapshot := p.publish("snapshot", "1.snapshot.json", &roles.Snapshot{Head: fleet.Head(), Meta: []roles.Meta{targets}})
	p.publish("timestamp", "timestamp.json", &roles.Timestamp{Head: fleet.Head(), Snapshot: snapshot})
	return p.err
}

// publisher writes the files of a repository; the first failure sticks.
type publisher struct {
	dir     string
	signers map[string]fleet.Signer
	err     error
}

func (p *publisher) write(name string, data []byte, err error) {
	if p.err != nil {
		return
	}
	if p.err = err; err == nil {
		p.err = writeImage(filepath.Join(p.dir, name), data)
	}
}

func (p *publisher) key(role string) roles.Key {
	signer, err := fleet.NewSigner()
	if err != nil {
		p.err = err
		return roles.Key{}
	}
	p.signers[role] = signer
	der, err := signer.PKCS8()
	p.write("keys/"+role+".der", der, err)
	return signer.Key
}

// publish signs and writes a file and returns what its referrer states of it.
func (p *publisher) publish(role, name string, body roles.Body) roles.Meta {
	if p.err != nil {
		return roles.Meta{}
	}
	data, err := fleet.Seal(body, p.signers[role])
	p.write("metadata/"+name, data, err)
	return roles.Meta{Name: role + ".json", Version: 1, Length: int64(len(data)), Hashes: roles.HashesOf(data)}
}
