package merge_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk/disktest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/merge"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// take merges at a site.
func take(s *ceremonytest.ThreeSites, site string, sources ...string) (*merge.Result, error) {
	s.Helper()
	return merge.Take(s.Sites[site].Open(), s.Plan.Ceremony, sources)
}

// pack makes the file that a site gives to others.
func pack(s *ceremonytest.ThreeSites, site string) string {
	s.Helper()
	data, _, err := merge.Pack(s.Sites[site].Open(), s.Plan.Ceremony, "", false)
	if err != nil {
		s.Fatal(err)
	}
	file := filepath.Join(s.TempDir(), site+".json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		s.Fatal(err)
	}
	return file
}

// signed are three sites of which each has signed what it can.
func signed(t *testing.T) *ceremonytest.ThreeSites {
	s := ceremonytest.NewThreeSites(t)
	for site, key := range map[string]string{"munich": "root-a", "geneva": "root-b", "zurich": "targets-a"} {
		s.Begin(site)
		role, _, _ := strings.Cut(key, "-")
		s.Sign(site, role, key)
	}
	return s
}

// held is all that lies in the folder of the ceremony at a site, with its bytes.
func held(s *ceremonytest.ThreeSites, site string) map[string]string {
	s.Helper()
	dir, files := s.Sites[site].Path(s.Plan.Dir()), map[string]string{}
	for _, name := range disktest.Tree(s, dir) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			files[name] = ceremonytest.Content(s, dir, name)
		}
	}
	return files
}

// TestOrders brings three sites together in every order, each by its workspace, its folder
// of the ceremony, its own folder or an export: everybody has the same bytes in the end.
func TestOrders(t *testing.T) {
	ways := []func(s *ceremonytest.ThreeSites, site string) string{
		func(s *ceremonytest.ThreeSites, site string) string { return s.Sites[site].Dir },
		pack,
		func(s *ceremonytest.ThreeSites, site string) string { return s.Sites[site].Path(s.Plan.Dir()) },
		func(s *ceremonytest.ThreeSites, site string) string {
			return s.Sites[site].Path(ceremonies.SiteDir(s.Plan.Ceremony, site))
		},
	}
	sites := []string{"munich", "geneva", "zurich"}
	for n := range 6 {
		at, others := sites[n%3], []string{sites[(n+1)%3], sites[(n+2)%3]}
		if n > 2 {
			slices.Reverse(others)
		}
		s, want := signed(t), map[string]string{}
		for _, site := range sites {
			maps.Copy(want, held(s, site))
		}
		first, second := ways[n%4](s, others[0]), ways[(n+1)%4](s, others[1])
		if _, err := take(s, at, first); err != nil {
			t.Fatal(at, others, err)
		}
		r, err := take(s, at, second, first, second)
		if err != nil || len(r.Taken) != 2 || len(r.Unverified) > 0 {
			t.Errorf("%s, then %q: took %q, %v", at, others, r.Taken, err)
		}
		if got := held(s, at); !maps.Equal(got, want) {
			t.Errorf("%s, then %q: has %d files, want %d, with the bytes that they have at their sites", at, others, len(got), len(want))
		}
	}
}

// TestRefuses plays whoever carries the stick. Each thing is refused by name, and then
// nothing is taken in.
func TestRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(s *ceremonytest.ThreeSites)
		want   string
	}{
		"other bytes": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-b")
			other := s.Signed(step, "root-b")
			other.SHA256 = digest.Of([]byte("a root of my own"))
			s.Put("geneva", step, other)
		}, "the signature does not count: signs other bytes; got SHA-256 "},
		"another key": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-b")
			s.Put("geneva", step, s.Signed(step, "root-z"))
		}, "the signature does not count: "},
		"another key under the planned fingerprint": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-b")
			forged := s.Signed(step, "root-b")
			forged.Signature = s.Signed(step, "root-z").Signature
			s.Put("geneva", step, forged)
		}, "the signature does not count: "},
		"a key of another site": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-a")
			s.Put("geneva", step, s.Signed(step, "root-a"))
		}, "no step of the plan asks geneva for a signature of root by root-a there"},
		"a key that the plan does not know": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-b")
			step.Key = "root-z"
			s.Put("geneva", step, s.Signed(step, "root-z"))
		}, "no step of the plan asks geneva for a signature of root by root-z there"},
		"stale": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-b")
			stale := s.Signed(step, "root-b")
			stale.Version = 7
			s.Put("geneva", step, stale)
		}, "is of root 7, want version 1"},
		"by hand": {func(s *ceremonytest.ThreeSites) {
			step := s.Step("root", "root-b")
			brought := s.Signed(step, "root-b")
			brought.External = true
			s.Put("geneva", step, brought)
		}, "external is true, but the plan says false"},
		"another plan": {func(s *ceremonytest.ThreeSites) {
			s.Sites["geneva"].Remove(ceremonies.SiteDir(s.Plan.Ceremony, "geneva") + "/" + transcript.File)
			s.Append("geneva", transcript.Started{Plan: digest.Of([]byte("another plan"))})
		}, "geneva ran another plan; got SHA-256 "},
		"a rehearsal": {func(s *ceremonytest.ThreeSites) {
			s.Sites["geneva"].Remove(ceremonies.SiteDir(s.Plan.Ceremony, "geneva") + "/" + transcript.File)
			s.Append("geneva", transcript.Started{Plan: s.Sum, Fake: true})
		}, "is of a rehearsal"},
		"line ends": {func(s *ceremonytest.ThreeSites) {
			file := s.Plan.SignaturePath("geneva", s.Step("root", "root-b"))
			s.Sites["geneva"].Write(file, strings.ReplaceAll(s.Sites["geneva"].Read(file), "\n", "\r\n"))
		}, "its line ends were changed, as git does in a checkout; got CR LF, want LF"},
	} {
		t.Run(name, func(t *testing.T) {
			s := signed(t)
			tt.change(s)
			before := held(s, "munich")
			for _, source := range []string{s.Sites["geneva"].Dir, pack(s, "geneva")} {
				_, err := take(s, "munich", s.Sites["zurich"].Dir, source)
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
				if err != nil && !strings.Contains(err.Error(), "geneva") {
					t.Errorf("%v does not say who", err)
				}
				if after := held(s, "munich"); len(after) != len(before) {
					t.Errorf("%d files, want %d", len(after), len(before))
				}
			}
		})
	}
}

// TestAborted takes in the transcript that says so, and nothing else: at every site that
// hears of it nothing counts any more.
func TestAborted(t *testing.T) {
	s := signed(t)
	s.Append("geneva", transcript.Aborted{Repository: "image", Because: "officer 2 was followed", All: true})
	_, err := take(s, "munich", s.Sites["geneva"].Dir)
	ceremonytest.WantError(t, err, fault.Unverified, "geneva has aborted "+s.Plan.Ceremony+": officer 2 was followed; no signature of it counts")
	if _, found := held(s, "munich")["geneva/signatures"]; found || len(held(s, "munich")) != len(held(signed(t), "munich"))+1 {
		t.Errorf("munich has %d files", len(held(s, "munich")))
	}
	s.Append("munich", transcript.Aborted{Repository: "image", Because: "geneva closed it"})
	_, err = take(s, "munich", s.Sites["zurich"].Dir)
	ceremonytest.WantError(t, err, fault.Failed, "was aborted here: geneva closed it")
}

// TestTwice takes nothing in the place of what is here, and the same again is no error. Of
// two transcripts of a site the longer one goes on from the other.
func TestTwice(t *testing.T) {
	s := signed(t)
	older := pack(s, "geneva")
	s.Append("geneva", transcript.Finished{Repository: "image"})
	newer := pack(s, "geneva")
	for _, order := range [][]string{{older, newer}, {newer, older}} {
		at := "munich"
		if order[0] == newer {
			at = "zurich"
		}
		if _, err := take(s, at, order...); err != nil {
			t.Fatal(err)
		}
		if got, want := held(s, at)["geneva/"+transcript.File], held(s, "geneva")["geneva/"+transcript.File]; got != want {
			t.Errorf("%s has %d bytes of geneva's transcript, want %d", at, len(got), len(want))
		}
		r, err := take(s, at, older)
		if err != nil || len(r.Taken) > 0 || len(r.Here) != 2 {
			t.Errorf("again: %+v, %v", r, err)
		}
	}
	step := s.Step("root", "root-b")
	other := s.Signed(step, "root-z")
	s.Put("geneva", step, other)
	_, err := take(s, "munich", s.Sites["geneva"].Dir)
	ceremonytest.WantError(t, err, fault.Unverified, "is not the "+s.Plan.SignaturePath("geneva", step)+" that is here")
	_, err = take(s, "munich", s.Sites["geneva"].Dir, newer)
	ceremonytest.WantError(t, err, fault.Unverified, "is brought twice, and not as in ")
}

// TestCustody brings what a site did with keys outside of ceremonies as well: whole, only
// ever longer, and of nobody else.
func TestCustody(t *testing.T) {
	s := signed(t)
	file := transcript.CustodyOf("geneva") + "/" + transcript.File
	s.Note("geneva", transcript.Destroyed{Key: "mistake"})
	older := pack(s, "geneva")
	s.Note("geneva", transcript.Destroyed{Key: "another"})
	for i, source := range []string{older, s.Sites["geneva"].Dir, older} {
		if _, err := take(s, "munich", source); err != nil {
			t.Fatal(err)
		}
		if got, want := s.Sites["munich"].Read(file), s.Sites["geneva"].Read(file); got != want && i > 0 {
			t.Errorf("munich has %d bytes of geneva's custody, want %d", len(got), len(want))
		}
	}
	s.Sites["geneva"].Edit(file, "another", "nothing")
	_, err := take(s, "zurich", s.Sites["geneva"].Dir)
	ceremonytest.WantError(t, err, fault.Unverified, file+":2: ")
	s.Note("munich", transcript.Destroyed{Key: "mine"})
	s.Sites["zurich"].Write(transcript.CustodyOf("munich")+"/"+transcript.File, s.Sites["munich"].Read(transcript.CustodyOf("munich")+"/"+transcript.File))
	s.Sites["zurich"].Write(s.Plan.Dir()+"/munich/"+transcript.File, s.Sites["munich"].Read(s.Plan.Dir()+"/munich/"+transcript.File))
	s.Sites["munich"].Remove(transcript.CustodyOf("munich") + "/" + transcript.File)
	_, err = take(s, "munich", s.Sites["zurich"].Dir)
	ceremonytest.WantError(t, err, fault.Unverified, "has something of this site, munich, that is not here")
}

// TestChangedHere takes nothing in when this disk is not the one of the plan any more.
func TestChangedHere(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(munich *ceremonytest.Software)
		want   string
	}{
		"trust.yaml":   {func(m *ceremonytest.Software) { m.Edit("trust.yaml", "fleet: test", "fleet: toast") }, "trust.yaml has changed since the plan was made"},
		"old metadata": {func(m *ceremonytest.Software) { m.Write("image/metadata/1.targets.json", "{}") }, "1.targets.json"},
	} {
		t.Run(name, func(t *testing.T) {
			s := signed(t)
			tt.change(s.Sites["munich"])
			before := len(held(s, "munich"))
			_, err := take(s, "munich", s.Sites["geneva"].Dir)
			ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			if after := len(held(s, "munich")); after != before {
				t.Errorf("%d files, want %d", after, before)
			}
		})
	}
}

// TestOwn finds something of this site that is not here: a disk that was put back.
func TestOwn(t *testing.T) {
	s := signed(t)
	if _, err := take(s, "geneva", s.Sites["munich"].Dir); err != nil {
		t.Fatal(err)
	}
	s.Sites["munich"].Remove(s.Plan.SignaturePath("munich", s.Step("root", "root-a")))
	_, err := take(s, "munich", s.Sites["geneva"].Dir)
	ceremonytest.WantError(t, err, fault.Unverified, "has something of this site, munich, that is not here")
}

// TestUsers says of files of another user, and of a workspace where nobody may write, which
// they are, and leaves nothing behind.
func TestUsers(t *testing.T) {
	s := signed(t)
	stick := filepath.Join(s.TempDir(), "stick")
	if err := os.CopyFS(stick, os.DirFS(s.Sites["geneva"].Dir)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(stick, s.Plan.SignaturePath("geneva", s.Step("root", "root-b")))
	chmod := func(mode os.FileMode, names ...string) {
		for _, name := range names {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, dir := range append(above(stick), above(s.Sites["munich"].Dir)...) { // of the test's own folders
		chmod(0o755, dir)
	}
	readable(t, s.Sites["munich"].Dir)
	readable(t, stick)
	munich := s.Sites["munich"].Dir
	for _, tt := range []struct {
		unreadable, want string
	}{{file, "09-root-root-b.json: permission denied"}, {"", ".lock-image: permission denied"}} {
		want := strings.Replace(tt.want, "09-root-root-b.json", filepath.Base(file), 1)
		if tt.unreadable != "" {
			chmod(0, tt.unreadable)
			chmod(0o777, munich)
		} else {
			chmod(0o444, file)
			chmod(0o555, munich)
		}
		ceremonytest.Unprivileged(t, func() {
			_, err := take(s, "munich", stick)
			ceremonytest.WantError(t, err, fault.Failed, want)
		})
	}
	chmod(0o755, munich)
	if _, found := held(s, "munich")["geneva/"+transcript.File]; found {
		t.Error("something was taken in")
	}
}

// above are the folders of a test above one of them.
func above(dir string) (list []string) {
	for dir = filepath.Dir(dir); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		list = append(list, dir)
	}
	return slices.Clip(list)
}

// readable lets everybody read a folder.
func readable(t *testing.T, dir string) {
	t.Helper()
	for _, name := range append(disktest.Tree(t, dir), ".") {
		name = filepath.Join(dir, name)
		info, err := os.Stat(name)
		if err == nil {
			err = os.Chmod(name, info.Mode().Perm()|0o444|info.Mode().Perm()>>3&0o111|map[bool]os.FileMode{true: 0o111}[info.IsDir()])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
