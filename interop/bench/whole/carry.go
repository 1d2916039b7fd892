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
	bundle, published := w.path("out/image.tar"), w.path("published")
	if b.inTurn(w.scale, b.roundsOf(w.scale), trial{keyrite, func() ([]part, error) { return w.bundle(bundle, what) }}) != nil {
		return nil
	}
	b.inTurn(w.scale, b.roundsOf(w.scale), b.verifyBundle(w, bundle, what)...)
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
	b.inTurn(w.scale, b.roundsOf(w.scale), b.verifyFolder(w, published, what)...)
	if what == "" {
		b.inTurn(w.scale, b.roundsOf(w.scale), b.verifyMetadata(w)...)
	}
	return nil
}

// bundle packs in place of the bundle before.
func (w *workspace) bundle(out, what string) ([]part, error) {
	if err := os.RemoveAll(out); err != nil {
		return nil, err
	}
	arguments := []string{"bundle", "image", "-o", out}
	if what == withImages {
		arguments = append(arguments, "--images", w.path("images"))
	}
	s, _, err := w.run(arguments...)
	return alone(makeBundle+what, s, err)
}

// trustedRoot is the file with version 1 of root.
func (w *workspace) trustedRoot() string { return w.path("room/image/metadata/1.root.json") }

func (b *bench) verifyBundle(w *workspace, bundle, what string) []trial {
	trials := []trial{process(keyrite, verifyBundle+what, b.keyrite, "verify", bundle, "--trusted-root", w.trustedRoot())}
	if w.scale.size > 0 && what == withImages { // its metadata do not count
		trials = append(trials, process(floor, verifyBundle+what, b.floor, bundle))
	}
	return trials
}

func (b *bench) verifyFolder(w *workspace, published, what string) []trial {
	return []trial{
		process(keyrite, verifyFolder+what, b.keyrite, "verify", published, "--trusted-root", w.trustedRoot()),
		process(floor, verifyFolder+what, b.floor, w.path("published/metadata"), w.path("published/targets"), w.path("published.txt")),
	}
}

// verifyMetadata looks for no images, as peers do not.
func (b *bench) verifyMetadata(w *workspace) []trial {
	metadata := w.path("published/metadata")
	trials := []trial{
		process(keyrite, verifyMetadata, b.keyrite, "verify", metadata, "--trusted-root", w.trustedRoot()),
		process(floor, verifyMetadata, b.floor, metadata),
	}
	if w.scale.peersToo() {
		for _, p := range b.peers {
			trials = append(trials, p.trial(verifyMetadata, "verify", w.path("peer")))
		}
	}
	return trials
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
