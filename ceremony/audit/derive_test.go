package audit

import (
	"os"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestTampered changes signed metadata as somebody with the USB stick could.
func TestTampered(t *testing.T) {
	remove := func(names ...string) func(*software) {
		return func(s *software) {
			for _, name := range names {
				if err := os.Remove(s.path("image/metadata/" + name)); err != nil {
					s.t.Fatal(err)
				}
			}
		}
	}
	for _, tt := range []struct {
		name   string
		tamper func(*software)
		want   string
	}{
		{"edited root", func(s *software) { s.edit("image/metadata/1.root.json", "2027-11-23", "2028-11-23") }, "1.root.json: "},
		{"edited targets", func(s *software) { s.edit("image/metadata/2.targets.json", "app.bin", "bad.bin") }, "2.targets.json: "},
		{"edited timestamp", func(s *software) { s.edit("image/metadata/timestamp.json", "2026-12-07", "2036-12-07") }, "timestamp.json: "},
		{"no roots", remove("1.root.json"), "there is metadata but no 1.root.json"},
		{"newest targets taken away", remove("2.targets.json"), "targets.json: version is 1, but version 2 was signed already"},
		{"all targets taken away", remove("1.targets.json", "2.targets.json"), "targets.json: version is 0, but version 2"},
		{"newest snapshot taken away", remove("2.snapshot.json"), "snapshot.json: version is 1, but version 2 was signed already"},
		{"old targets as new", func(s *software) {
			s.write("image/metadata/3.targets.json", s.read("image/metadata/1.targets.json"))
		}, "3.targets.json: version is 1, which lies in 1.targets.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := signedSoftware(t)
			s.carryOut(plan.Request{Renew: []string{"targets"}})
			tt.tamper(s)
			_, err := s.derive(plan.Request{})
			wantError(t, err, fault.Unverified, tt.want)
			_, err = ReadStatus(s.open(), s.now)
			wantError(t, err, fault.Unverified, tt.want)
		})
	}
}
