package workspace

import (
	"path"
	"time"
)

// FakeWorld is a folder below rehearsals/ that says that it is the world of a
// rehearsal.
type FakeWorld struct {
	Name      string // of the folder
	Rehearsal *Rehearsal
}

// IsOver says whether nothing in it is valid any more.
func (f FakeWorld) IsOver(now time.Time) bool { return !now.Before(f.Rehearsal.Until) }

// FakeWorlds lists the rehearsals that lie here, by name. What is none, is not
// readable as one, or lies behind a symbolic link is left out.
func (w *Workspace) FakeWorlds() (list []FakeWorld, err error) {
	ceremonies, err := w.dirs(RehearsalsDir)
	if err != nil {
		return nil, err
	}
	for _, ceremony := range ceremonies {
		worlds, err := w.dirs(ceremony)
		if err != nil {
			return nil, err
		}
		for _, name := range worlds {
			if r := w.rehearsalIn(name); r != nil {
				list = append(list, FakeWorld{name, r})
			}
		}
	}
	return list, nil
}

// dirs are the folders in a folder, by their whole names.
func (w *Workspace) dirs(in string) (list []string, err error) {
	if is, err := w.IsDir(in); err != nil || !is {
		return nil, err
	}
	names, err := w.List(in)
	for _, name := range names {
		name = path.Join(in, name)
		if is, err := w.IsDir(name); err == nil && is {
			list = append(list, name)
		}
	}
	return list, err
}

// rehearsalIn is rehearsal.yaml of a folder; nil where there is none.
func (w *Workspace) rehearsalIn(name string) *Rehearsal {
	folder, err := w.Sub(name)
	if err != nil {
		return nil
	}
	defer folder.Close()
	r, err := View{folder}.Rehearsal()
	if err != nil {
		return nil
	}
	return r
}
