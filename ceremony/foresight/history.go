package foresight

import (
	"errors"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// addHistory adds to a publication what vehicles may remember of the past: every older
// file of all roles but root that lies in the workspace, published or kept
// by the ceremony that replaced it. One that cannot be read no vehicle remembers.
func addHistory(ws *workspace.Workspace, s *scene.Scene, to *simulate.Publication) error {
	dirs, err := keptDirs(ws, s.Repo.Name)
	if err != nil {
		return err
	}
	for _, dir := range append([]string{s.Signed.Dir}, dirs...) {
		names, err := ws.List(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, name := range names {
			role, _, ok := roles.RoleOf(s.Format, name)
			if !ok || role == "root" {
				continue
			}
			if err := addEdition(ws, s, to, role, path.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func addEdition(ws *workspace.Workspace, s *scene.Scene, to *simulate.Publication, role, name string) error {
	t := signed.RoleType(role)
	data, err := ws.Read(name, s.Format.MaxBytes(t))
	if err != nil {
		return err
	}
	file, err := roles.Read(s.Format, t, data)
	if err != nil {
		return nil
	}
	seen, err := roles.Foresee(file)
	if err == nil {
		to.Known = append(to.Known, simulate.Edition{Role: role, File: seen})
	}
	return nil
}

// keptDirs are the folders in which ceremonies keep what they replaced.
func keptDirs(ws *workspace.Workspace, repository string) (dirs []string, err error) {
	names, err := ceremonies.Names(ws)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if of, err := ceremonies.RepositoryOf(name); err != nil || of != repository {
			continue
		}
		sites, err := ceremonies.Sites(ws, name)
		if err != nil {
			return nil, err
		}
		for _, site := range sites {
			dirs = append(dirs, path.Dir(ceremonies.Kept(name, site, "x")))
		}
	}
	return dirs, nil
}
