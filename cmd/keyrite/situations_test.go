package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/roles"
)

// leave puts what a situation published where other clients look, for make interop: in
// KEYRITE_SITUATIONS, for each repository, the root from the factory and a folder for each
// time that something was put online, in order.
func (s *stage) leave(name string) {
	s.t.Helper()
	to := os.Getenv("KEYRITE_SITUATIONS")
	if to == "" {
		return
	}
	for repository, publish := range map[string]func(bundle, before, to string){"image": s.publish, "director": s.serve} {
		visits, before, files := filepath.Join(to, name+"-"+repository), "", s.bundles(repository)
		if len(files) == 1 && name != "first-root" {
			continue // it stays as the first root's situation leaves it
		}
		for n, file := range files {
			online := filepath.Join(visits, fmt.Sprintf("visit-%02d-accepts", n))
			publish(file, before, online)
			before = online
		}
		root, err := os.ReadFile(filepath.Join(visits, "visit-00-accepts", "metadata", "1.root.json"))
		s.must(err)
		s.must(os.WriteFile(filepath.Join(visits, "root.json"), root, 0o644))
	}
}

// bundles are those of a repository that were carried out: NAME.tar, NAME-2.tar, ...
func (s *stage) bundles(repository string) []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.top, repository+"*.tar"))
	s.must(err)
	slices.SortFunc(files, func(a, b string) int {
		return strings.Compare(strings.TrimSuffix(a, ".tar"), strings.TrimSuffix(b, ".tar"))
	})
	return files
}

// publish puts a bundle online, with the images that it lacks: a supplier's lie with the
// supplier.
func (s *stage) publish(file, _, to string) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Dir(to), 0o755))
	_, err := bundle.Unpack(file, to)
	s.must(err)
	client, err := refreshed(filepath.Join(to, "metadata"))
	s.must(err)
	all, err := client.All()
	s.must(err)
	for _, listed := range all {
		data, err := os.ReadFile(filepath.Join(s.top, "images", filepath.FromSlash(listed.Image.Path)))
		if err != nil {
			data = []byte(listed.Image.Path) // as ceremonytest.SuppliedImages has them
		}
		for _, name := range client.Root().ImagePaths(client.Format(), *listed.Image) {
			name = filepath.Join(to, "targets", filepath.FromSlash(name))
			if _, err := os.Stat(name); err == nil {
				continue
			}
			s.must(os.MkdirAll(filepath.Dir(name), 0o755))
			s.must(os.WriteFile(name, data, 0o644))
		}
	}
}

// refreshed is a client that came from the factory with root 1.
func refreshed(metadata string) (*roles.Client, error) {
	root, err := os.ReadFile(filepath.Join(metadata, "1.root.json"))
	if err != nil {
		return nil, err
	}
	c, err := roles.NewClient(root, served(metadata), time.Now())
	if err != nil {
		return nil, err
	}
	return c, c.Refresh()
}

// served are files that are published.
type served string

func (s served) Get(name string, _ int64) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(s), filepath.FromSlash(name)))
}

// serve puts a Director's bundle online, after what was there before: its service signs
// targets, snapshot and timestamp with those of its keys that root trusts now.
func (s *stage) serve(file, before, to string) {
	s.t.Helper()
	metadata := filepath.Join(to, "metadata")
	s.must(os.MkdirAll(to, 0o755))
	if before != "" {
		s.must(os.CopyFS(metadata, os.DirFS(filepath.Join(before, "metadata"))))
	}
	s.must(ceremonytest.Server{Dir: metadata, Now: time.Now()}.Take(file))
	server, err := ceremonytest.OpenServer(metadata, time.Now())
	s.must(err)
	client, err := refreshed(metadata) // as far as it comes
	if client == nil {
		s.must(err)
	}
	for _, t := range []roles.Type{roles.TypeTargets, roles.TypeSnapshot, roles.TypeTimestamp} {
		body, err := server.Next(t)
		s.must(err)
		s.must(server.Sign(body, 0, serviceKey(client, t)))
	}
}

// serviceKey is the name of the key by which the Director's service signs a role.
func serviceKey(c *roles.Client, t roles.Type) string {
	name := "director-" + string(t)
	key, err := roles.NewKey(c.Format(), ceremonytest.Key(name).Public())
	if err == nil && slices.Contains(c.Root().Role(string(t)).KeyIDs, key.ID) {
		return name
	}
	return name + "-2"
}
