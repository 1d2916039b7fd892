package derive_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestNotices says of each key that changes what vehicles will notice.
func TestNotices(t *testing.T) {
	swap := func(s *ceremonytest.Software, keys ...string) {
		for _, key := range keys {
			s.Replace(key, strings.TrimSuffix(key, "-a")+"-z")
		}
	}
	rotate := func(s *ceremonytest.Software) {
		s.Write("trust.yaml", strings.ReplaceAll(s.Read("trust.yaml"), "root-b", "root-c"))
		s.AddKeys("root-c")
	}
	held := func(s *ceremonytest.Software, old, new string) {
		for _, file := range []string{"trust.yaml", "site.yaml"} {
			s.Write(file, strings.ReplaceAll(s.Read(file), old, new))
		}
		s.AddKeys(new)
	}
	for name, tt := range map[string]struct {
		change func(s *ceremonytest.Software)
		want   []string
	}{
		"an image": {func(s *ceremonytest.Software) { s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin")) }, nil},
		"a root key": {func(s *ceremonytest.Software) { rotate(s) },
			[]string{"root 2 root: follow the chain of roots root-b>root-c"}},
		"beside a Director": {func(s *ceremonytest.Software) {
			rotate(s)
			s.Write("trust.yaml", s.Read("trust.yaml")+ceremonytest.OnlineDirector)
			s.AddKeys("director-online")
		}, []string{"root 2 root: follow the chain of roots root-b>root-c", "root 2 root: see the new root with the next image only root-b>root-c"}},
		"beside a Director, with an image": {func(s *ceremonytest.Software) {
			rotate(s)
			s.Write("trust.yaml", s.Read("trust.yaml")+ceremonytest.OnlineDirector)
			s.AddKeys("director-online")
			s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
		}, []string{"root 2 root: follow the chain of roots root-b>root-c"}},
		"snapshot": {func(s *ceremonytest.Software) { swap(s, "snapshot-a") },
			[]string{"root 2 snapshot: differ in what they forget snapshot-a>snapshot-z"}},
		"snapshot and timestamp": {func(s *ceremonytest.Software) { swap(s, "snapshot-a", "timestamp-a") },
			[]string{"root 2 snapshot timestamp: forget snapshot and timestamp snapshot-a timestamp-a>snapshot-z timestamp-z"}},
		"targets": {func(s *ceremonytest.Software) { held(s, "targets-a", "targets-z") },
			[]string{"root 2 targets: take targets by the new keys only targets-a>targets-z"}},
		"targets of a Director": {func(s *ceremonytest.Software) {
			held(s, "targets-a", "targets-z")
			s.Write("trust.yaml", strings.Replace(s.Read("trust.yaml"), "policy: tuf", "policy: director.yaml", 1))
			s.Write("director.yaml", "version: 1\nextends: tuf\nroles: {targets: {custody: online}}\nloosen: [{check: TARGETS-CUSTODY, reason: test, person: test}]\n")
		}, []string{"root 2 targets: take targets by the new keys only targets-a>targets-z"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.HalfOffline(t)
			tt.change(s)
			var got []string
			for _, n := range s.MustMake(plan.Request{}).Notices {
				got = append(got, fmt.Sprintf("%s %d %s: %s %s>%s", n.File, n.From, strings.Join(n.Roles, " "), n.Effect, strings.Join(n.Out, " "), strings.Join(n.In, " ")))
				if text := n.String(); strings.HasSuffix(text, ": ") || !strings.Contains(text, n.In[0]+" for "+n.Out[0]) && len(n.In) == 1 {
					t.Errorf("says %q", text)
				}
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestNoticeOfImages says of images that are listed no more that OTA CE's server deletes
// them; a Director has none, and other servers keep them.
func TestNoticeOfImages(t *testing.T) {
	list := func(custom string, paths ...string) string {
		text := ceremonytest.ImagesYAML(paths...)
		for _, path := range paths {
			text = strings.Replace(text, fmt.Sprintf("path: %q", path), fmt.Sprintf("path: %q\n    custom: %s", path, custom), 1)
		}
		return text
	}
	const meant = "{hardwareIds: [gateway]}"
	for name, tt := range map[string]struct {
		format, policy, custom string
		images                 []string
		want                   bool
	}{
		"omitted":               {"ota-ce", "tuf", meant, []string{"a.bin"}, true},
		"omitted for another":   {"ota-ce", "tuf", meant, []string{"a.bin", "c.bin"}, true},
		"added":                 {"ota-ce", "tuf", meant, []string{"a.bin", "b.bin", "c.bin"}, false},
		"changed":               {"ota-ce", "tuf", "{hardwareIds: [radio]}", []string{"a.bin", "b.bin"}, false},
		"another server":        {"tuf", "tuf", meant, []string{"a.bin"}, false},
		"a Director's, no more": {"ota-ce", "director.yaml", meant, []string{"a.bin"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.NewSoftware(t)
			s.Write("director.yaml", "version: 1\nextends: tuf\nroles: {targets: {custody: online}}\nloosen: [{check: TARGETS-CUSTODY, reason: test, person: test}]\n")
			s.Edit("trust.yaml", "format: tuf", "format: "+tt.format, "policy: tuf", "policy: "+tt.policy)
			s.Write("images.yaml", list(meant, "a.bin", "b.bin"))
			s.CarryOut(plan.Request{})
			s.Write("images.yaml", list(tt.custom, tt.images...))
			notices := s.MustMake(plan.Request{}).Notices
			if !tt.want && notices != nil || tt.want && (len(notices) != 1 || !strings.HasPrefix(notices[0].String(), "from targets 2 on: OTA CE's server deletes ")) {
				t.Errorf("got %v", notices)
			}
		})
	}
}

// TestStolen refuses a plan that leaves a stolen key trusted, or those that lay beside
// it on one server.
func TestStolen(t *testing.T) {
	s := ceremonytest.HalfOffline(t)
	s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
	request := plan.Request{Stolen: []string{"snapshot-a"}}
	_, err := s.Make(request)
	ceremonytest.WantError(t, err, fault.Refused, "keys.snapshot-a is stolen, and a key of snapshot, want a new key in its place")
	s.Replace("snapshot-a", "snapshot-z")
	_, err = s.Make(request)
	ceremonytest.WantError(t, err, fault.Refused, "roles.timestamp.keys is keeping timestamp-a, want new keys: snapshot-a was stolen")
	if p := s.MustMake(plan.Request{}); len(p.Findings) == 0 || !strings.Contains(fmt.Sprint(p.Findings), "KEYS-TOGETHER") {
		t.Errorf("as nobody says that it was stolen: findings %v", p.Findings)
	}
	s.Replace("timestamp-a", "timestamp-z")
	if p := s.MustMake(request); strings.Contains(fmt.Sprint(p.Findings), "KEYS-TOGETHER") || p.Stolen[0] != "snapshot-a" {
		t.Errorf("all replaced: findings %v", p.Findings)
	}
	_, err = s.Make(plan.Request{Stolen: []string{"nobody"}})
	ceremonytest.WantError(t, err, fault.Usage, "--stolen nobody: no such key; want some of ")
}
