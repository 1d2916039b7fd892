package signed

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

func TestVerify(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(t *testing.T, s *State)
		want   string
	}{
		"as it was signed": {func(*testing.T, *State) {}, ""},
		"root 2 by the new keys only": {func(t *testing.T, s *State) {
			s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 2, "root-b", "root-c")
		}, "image/metadata/2.root.json: 1 of 2 signatures that role root needs"},
		"root 2 by the old keys only": {func(t *testing.T, s *State) {
			s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 2, "root-a", "root-b")
		}, "image/metadata/2.root.json: 1 of 2 signatures that role root needs"},
		"root 1 by one key": {func(t *testing.T, s *State) {
			s.Roots[0] = sign(t, rootOf(t, "root-a", "root-b"), 1, "root-a")
		}, "image/metadata/1.root.json: 1 of 2 signatures"},
		"root 3 as root 2": {func(t *testing.T, s *State) {
			s.Roots[1] = sign(t, rootOf(t, "root-b", "root-c"), 3, "root-a", "root-b", "root-c")
		}, "image/metadata/2.root.json: version is 3, want 2"},
		"targets by the supplier": {func(t *testing.T, s *State) {
			s.Files["targets"] = sign(t, targetsOf(t, "acme"), 1, "acme")
		}, "image/metadata/1.targets.json: 0 of 1 signatures"},
		"the supplier's file by targets": {func(t *testing.T, s *State) {
			s.Files["acme"] = sign(t, &roles.Targets{}, 3, "targets")
		}, "acme: image/metadata/3.acme.json: 0 of 1 signatures that role acme needs"},
		"a file that nobody delegates to any more": {func(t *testing.T, s *State) {
			s.put("targets", 2, sign(t, targetsOf(t, "other"), 2, "targets"))
			s.Files["acme"] = sign(t, &roles.Targets{}, 3, "targets")
		}, ""},
		"a file under another version's name": {func(t *testing.T, s *State) {
			s.Paths["acme"] = "image/metadata/4.acme.json"
		}, "acme: image/metadata/4.acme.json: version is 3, which lies in 3.acme.json"},
		"targets behind snapshot": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "targets", 2)
		}, "image/metadata/1.targets.json: version is 1, but version 2 was signed already"},
		"the supplier's file behind snapshot": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "acme", 4)
			s.restamp(t)
		}, "acme: image/metadata/3.acme.json: version is 3, but version 4 was signed already"},
		"the supplier's file taken away": {func(t *testing.T, s *State) {
			delete(s.Files, "acme")
		}, "acme: image/metadata/3.acme.json: the file is missing; version 3 of it was signed already"},
		"the supplier's file changed under its version": {func(t *testing.T, s *State) {
			s.Files["acme"] = sign(t, &roles.Targets{Images: []roles.Image{{Path: "acme/a", Hashes: roles.HashesOf(nil)}}}, 3, "acme")
		}, "acme: image/metadata/3.acme.json: version 3 is published with other content; want that file, or version 4"},
		"targets changed under their version": {func(t *testing.T, s *State) {
			body := targetsOf(t, "acme")
			body.Images = []roles.Image{{Path: "a", Hashes: roles.HashesOf(nil)}}
			s.Files["targets"] = sign(t, body, 1, "targets")
		}, "image/metadata/1.targets.json: version 1 was signed already with other content"},
		"snapshot changed under its version": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "gone", 7)
		}, "image/metadata/1.snapshot.json: version 1 was signed already with other content"},
		"the supplier's next file": {func(t *testing.T, s *State) {
			s.put("acme", 4, sign(t, &roles.Targets{Images: []roles.Image{{Path: "acme/a", Hashes: roles.HashesOf(nil)}}}, 4, "acme"))
		}, ""},
		"a supplier's supplier signed by a stranger": {func(t *testing.T, s *State) {
			s.put("acme", 4, sign(t, targetsOf(t, "inner"), 4, "acme"))
			s.put("inner", 1, sign(t, &roles.Targets{}, 1, "nobody"))
		}, "inner: image/metadata/1.inner.json: 0 of 1 signatures that role inner needs"},
		"a role in snapshot that nobody delegates to": {func(t *testing.T, s *State) {
			s.Files["snapshot"] = snapshotOf(t, s, "gone", 7)
			s.restamp(t)
		}, ""},
		"snapshot taken away": {func(t *testing.T, s *State) {
			delete(s.Files, "snapshot")
		}, "image/metadata/1.snapshot.json: the file is missing; version 1 of it was signed already"},
		"targets ahead of snapshot": {func(t *testing.T, s *State) {
			s.put("targets", 2, sign(t, targetsOf(t, "acme"), 2, "targets"))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newState(t)
			tt.change(t, s)
			err := s.Verify()
			for role, why := range s.Lost { // which stops nothing else
				if err != nil || s.File(role) != nil {
					t.Errorf("%s is lost (%v) and there, or %v", role, why, err)
				}
				err = fault.Errorf(fault.Unverified, "%s: %w", role, why)
			}
			if (err == nil) != (tt.want == "") || err != nil && (fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v (code %d), want %q", err, fault.CodeOf(err), tt.want)
			}
			if hints := fault.Hints(err); strings.Contains(name, "taken away") && !slices.Contains(hints, "it was changed or taken away after it was signed, or it is another repository's; restore it from the last bundle") {
				t.Errorf("got the hints %q", hints)
			}
		})
	}
}
