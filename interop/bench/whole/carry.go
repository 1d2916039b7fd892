package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// carry bundles a repository, unpacks it and verifies both. what is withImages when the
// images go with it; otherwise the published folder has none, but a folder for them.
func (b *bench) carry(w *workspace, what string) error {
	bundle, published, root := w.path("out/image.tar"), w.path("published"), w.path("room/image/metadata/1.root.json")
	pack := []string{b.keyrite, "-C", w.path("room"), "bundle", "image", "-o", bundle}
	if what == withImages {
		pack = append(pack, "--images", w.path("images"))
	}
	packing := process(keyrite, makeBundle+what, pack...)
	again := func() ([]part, error) {
		if err := os.RemoveAll(bundle); err != nil {
			return nil, err
		}
		return packing.run()
	}
	rounds := b.roundsOf(w.scale)
	if b.inTurn(w.scale, rounds, trial{keyrite, again}) != nil {
		return nil
	}
	verifying := []trial{process(keyrite, verifyBundle+what, b.keyrite, "verify", bundle, "--trusted-root", root)}
	if w.scale.size > 0 && what == withImages { // its metadata do not count
		verifying = append(verifying, process(floor, verifyBundle+what, b.floor, bundle))
	}
	b.inTurn(w.scale, rounds, verifying...)
	if err := os.RemoveAll(published); err != nil {
		return err
	}
	if b.inTurn(w.scale, 1, process(keyrite, "unbundle"+what, b.keyrite, "unbundle", bundle, published)) != nil {
		return nil
	}
	if err := os.MkdirAll(w.path("published/targets"), 0o755); err != nil {
		return err
	}
	if err := w.listPublished(); err != nil {
		return err
	}
	verifying = []trial{
		process(keyrite, verifyFolder+what, b.keyrite, "verify", published, "--trusted-root", root),
		process(floor, verifyFolder+what, b.floor, w.path("published/metadata"), w.path("published/targets"), w.path("published.txt")),
	}
	if w.scale.peersToo() && what == "" {
		for _, p := range b.peers {
			verifying = append(verifying, p.trial(verifyFolder, "verify", w.path("peer")))
		}
	}
	b.inTurn(w.scale, rounds, verifying...)
	return nil
}

// listPublished writes where the images would lie, for floor.
func (w *workspace) listPublished() error {
	var list strings.Builder
	names, err := filepath.Glob(w.path("published/metadata/*.json"))
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := roles.Read(roles.TUF, roles.TypeTargets, data)
		if err != nil {
			continue // of another role
		}
		for _, image := range file.Body.(*roles.Targets).Images {
			list.WriteString(roles.TUF.ImagePaths(image)[0] + "\n")
		}
	}
	return os.WriteFile(w.path("published.txt"), []byte(list.String()), 0o644)
}
