package life

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/merge"
	"github.com/uptane/keyrite/ceremony/workspace"
	"pgregory.net/rapid"
)

// otherSites are those that a world may have beside main.
var otherSites = []string{"geneva", "zurich"}

// siteDir is the workspace of a site.
func (w *world) siteDir(site string) string {
	if site == "main" {
		return w.dir
	}
	return filepath.Join(filepath.Dir(w.dir), site)
}

// sites are all of them.
func (w *world) sites() []string { return append([]string{"main"}, w.others...) }

// at is the site that has a key, by the number in its name.
func (w *world) at(key string) string {
	n, _ := strconv.Atoi(key[strings.LastIndex(key, "-")+1:])
	return w.sites()[n%len(w.sites())]
}

// site is the site.yaml of a site.
func (w *world) site(name string) string {
	var held, away []string
	for n := 1; n <= w.made; n++ {
		for _, role := range w.order() {
			key := fmt.Sprintf("%s-%d", role, n)
			switch {
			case slices.Contains(w.lost, key):
			case w.at(key) == name:
				held = append(held, key)
			default:
				away = append(away, key+": "+w.at(key))
			}
		}
	}
	text := strings.Replace(w.rig.site(w.siteDir(name), held), "site: main", "site: "+name, 1)
	if len(away) > 0 {
		text += "elsewhere: {" + strings.Join(away, ", ") + "}\n"
	}
	return text
}

// spread gives every site what main has, as a repository that they share does.
func (w *world) spread() {
	w.Helper()
	for _, site := range w.others {
		dir := w.siteDir(site)
		w.check(os.RemoveAll(dir))
		w.copyAll(w.dir, dir)
		w.check(os.WriteFile(filepath.Join(dir, "site.yaml"), []byte(w.site(site)), 0o600))
	}
}

// everywhere runs a plan at all its sites, each in its turn, and has a stick go round,
// until all have finished. Everybody has the same bytes then.
func (w *world) everywhere(made *derive.Made, now time.Time) error {
	w.Helper()
	sites := made.Plan.Sites()
	if len(sites) > 1 {
		sites = rapid.Permutation(sites).Draw(w.T, "order of sites")
	}
	finished := map[string]bool{}
	for range maxRounds {
		for _, site := range sites {
			if finished[site] {
				continue
			}
			err := w.runAt(site, made, now)
			if err != nil && (fault.CodeOf(err) != fault.Incomplete || len(sites) == 1) {
				return err
			}
			finished[site] = err == nil
			w.carry(made, site, slices.DeleteFunc(slices.Clone(sites), func(to string) bool { return to == site || finished[to] && to != "main" }))
		}
		if !slices.ContainsFunc(sites, func(site string) bool { return !finished[site] }) {
			w.agree(sites)
			return nil
		}
	}
	return fault.Errorf(fault.Failed, "%s does not end in %d rounds", made.Plan.Ceremony, maxRounds)
}

// maxRounds is how often a stick goes round: keys, root, and what states it.
const maxRounds = 6

// runAt runs a plan at one site, where people have compared the keys of the others.
func (w *world) runAt(site string, made *derive.Made, now time.Time) error {
	w.Helper()
	ws, err := workspace.Open(w.siteDir(site))
	w.check(err)
	defer ws.Close()
	text, err := os.ReadFile(filepath.Join(w.siteDir(site), "site.yaml"))
	w.check(err)
	heard := map[string]digest.SHA256{}
	for _, s := range made.Plan.Steps {
		if s.Key == "" || made.Plan.SiteOf(s) == site {
			continue
		}
		there, err := workspace.Open(w.siteDir(made.Plan.SiteOf(s)))
		w.check(err)
		if record, err := (workspace.View{Files: there.Folder}).Key(s.Key); err == nil {
			heard[s.Key] = digest.SHA256(record.Fingerprint())
		}
		there.Close()
	}
	return w.run(ws, made, digest.Of(text), heard, now)
}

// carry brings what a site did to others, by its workspace or by an export.
func (w *world) carry(made *derive.Made, from string, others []string) {
	w.Helper()
	for _, to := range others {
		source := w.siteDir(from)
		if rapid.Bool().Draw(w.T, "export") {
			source = w.export(made, from)
		}
		if source == "" {
			continue
		}
		ws, err := workspace.Open(w.siteDir(to))
		w.check(err)
		_, err = merge.Take(ws, made.Plan.Ceremony, []string{source})
		ws.Close()
		if nothing := (*merge.Nothing)(nil); err != nil && !errors.As(err, &nothing) {
			w.Fatalf("%s takes in what %s did: %v", to, from, err)
		}
	}
}

// export is a file with what a site did; "" where there is nothing yet.
func (w *world) export(made *derive.Made, site string) string {
	w.Helper()
	ws, err := workspace.Open(w.siteDir(site))
	w.check(err)
	defer ws.Close()
	data, _, err := merge.Pack(ws, made.Plan.Ceremony, "", false)
	if fault.CodeOf(err) == fault.Incomplete {
		return ""
	}
	w.check(err)
	file := filepath.Join(filepath.Dir(w.dir), site+".json")
	w.check(os.WriteFile(file, data, 0o600))
	return file
}

// agree demands the same metadata at all sites.
func (w *world) agree(sites []string) {
	w.Helper()
	want := w.metadataAt("main")
	for _, site := range sites {
		if got := w.metadataAt(site); !maps.EqualFunc(got, want, func(a, b []byte) bool { return string(a) == string(b) }) {
			w.Fatalf("%s has other metadata than main", site)
		}
	}
}
