package life

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/roles"
)

// vehicle verifies with keyrite's client and remembers, as `keyrite verify --state`.
type vehicle struct {
	name  string
	root  []byte            // from the factory
	state map[string][]byte // by name without version
}

// published is a repository that serves files.
type published map[string][]byte

func (p published) Get(name string, _ int64) ([]byte, error) {
	if data, there := p[name]; there {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (v *vehicle) Load(name string) ([]byte, error) { return published(v.state).Get(name, 0) }

func (v *vehicle) Save(name string, data []byte) error {
	v.state[name] = data
	return nil
}

// visit has it look at what is served, and says why it takes it not, or which delegated
// roles it cannot use.
func (v *vehicle) visit(files published, now time.Time) ([]roles.Lost, error) {
	c, err := roles.NewClient(v.root, files, now)
	if err != nil {
		return nil, err
	}
	c.State, c.Tolerant = v, true
	if err := c.Refresh(); err != nil {
		return nil, err
	}
	if _, err := c.All(); err != nil {
		return nil, err
	}
	return c.Report().Lost, nil
}

// remembers is the version of a file that it has.
func (v *vehicle) remembers(f roles.Format, t roles.Type) int64 {
	data := v.state[string(t)+".json"]
	if t == roles.TypeRoot && data == nil {
		data = v.root
	}
	file, err := roles.Read(f, t, data)
	if err != nil {
		return 0
	}
	return roles.HeadOf(file.Body).Version
}

// delegated is the version of the supplier's file that it has.
func (v *vehicle) delegated(f roles.Format) map[string]int64 {
	file, err := roles.Read(f, roles.TypeTargets, v.state[supplier+".json"])
	if err != nil {
		return nil
	}
	return map[string]int64{supplier: roles.HeadOf(file.Body).Version}
}

// class is the state that it is in, for a simulation.
func (v *vehicle) class(f roles.Format) simulate.Vehicles {
	return simulate.Vehicles{
		Name: v.name, Count: 1, Kind: simulate.Full, Root: v.remembers(f, roles.TypeRoot),
		Remembers: simulate.Versions{Timestamp: v.remembers(f, roles.TypeTimestamp), Snapshot: v.remembers(f, roles.TypeSnapshot), Targets: v.remembers(f, roles.TypeTargets), Delegated: v.delegated(f)},
	}
}

// born puts a vehicle on the road, with the root that is published now.
func (w *world) born() {
	f, err := roles.FormatByName(w.format)
	w.check(err)
	newest := 0
	for n := 1; w.published[f.MetadataPath("root", int64(n))] != nil; n++ {
		newest = n
	}
	if newest == 0 || len(w.vehicles) == 6 {
		return
	}
	v := &vehicle{fmt.Sprintf("v%d", len(w.vehicles)), w.published[f.MetadataPath("root", int64(newest))], map[string][]byte{}}
	w.vehicles = append(w.vehicles, v)
}

// keep writes a visit down for other clients, as interop/judge reads it: the root from
// the factory, and for each visit what was served and whether the vehicle takes it.
func (w *world) keep(v *vehicle, along, whole bool) {
	w.Helper()
	dir := os.Getenv("KEYRITE_LIFE_WALKS")
	if dir == "" || w.format != "tuf" {
		return
	}
	dir = filepath.Join(dir, filepath.Base(filepath.Dir(w.dir))+"-"+v.name)
	visits, err := filepath.Glob(filepath.Join(dir, "visit-*"))
	w.check(err)
	at := filepath.Join(dir, fmt.Sprintf("visit-%02d-%s", len(visits), map[bool]string{true: "accepts", false: "refuses"}[along]))
	w.check(os.MkdirAll(filepath.Join(at, "metadata"), 0o755))
	w.check(os.WriteFile(filepath.Join(dir, "root.json"), v.root, 0o644))
	for name, data := range w.published {
		w.check(os.WriteFile(filepath.Join(at, "metadata", name), data, 0o644))
	}
	if along && whole {
		w.keepImages(at)
	}
}

// keepImages puts the images beside the metadata, so that clients find their way through
// the delegation, too.
func (w *world) keepImages(at string) {
	w.Helper()
	c, err := roles.NewClient(w.published["1.root.json"], published(w.published), w.now)
	w.check(err)
	if c.Refresh() != nil {
		return
	}
	all, err := c.All()
	w.check(err)
	for _, l := range all {
		for _, name := range c.Root().ImagePaths(c.Format(), *l.Image) {
			name = filepath.Join(at, "targets", filepath.FromSlash(name))
			w.check(os.MkdirAll(filepath.Dir(name), 0o755))
			w.check(os.WriteFile(name, []byte(l.Image.Path), 0o644))
		}
	}
}

// clients are all of them as a simulation wants them; nil for none.
func (w *world) clients() *simulate.Clients {
	f, err := roles.FormatByName(w.format)
	w.check(err)
	if len(w.vehicles) == 0 {
		return nil
	}
	c := &simulate.Clients{Version: 1}
	for _, v := range w.vehicles {
		c.Vehicles = append(c.Vehicles, v.class(f))
	}
	return c
}

// compare has every vehicle look at what was published, and holds what it says against
// what was said of it.
func (w *world) compare(said *simulate.Result, now time.Time) {
	w.Helper()
	f, err := roles.FormatByName(w.format)
	w.check(err)
	for _, v := range w.vehicles {
		for _, fate := range said.Fates {
			if fate.Name != v.name {
				continue
			}
			before := v.class(f)
			w.keep(v, fate.Along, len(said.Nobody) == 0)
			lost, err := v.visit(w.published, now)
			if along := err == nil && len(lost) <= len(said.Nobody); along != fate.Along {
				w.Fatalf("%s, %+v: the simulation says %+v, and the vehicle %v, without %v", v.name, before, fate, err, lost)
			}
		}
	}
}
