package audit

import (
	"os"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestTampered changes signed metadata as somebody with the USB stick could.
func TestTampered(t *testing.T) {
	remove := func(names ...string) func(*ceremonytest.Software) {
		return func(s *ceremonytest.Software) {
			for _, name := range names {
				if err := os.Remove(s.Path("image/metadata/" + name)); err != nil {
					s.T.Fatal(err)
				}
			}
		}
	}
	for _, tt := range []struct {
		name   string
		tamper func(*ceremonytest.Software)
		want   string
	}{
		{"edited root", func(s *ceremonytest.Software) { s.Edit("image/metadata/1.root.json", "2027-11-23", "2028-11-23") }, "1.root.json: "},
		{"edited targets", func(s *ceremonytest.Software) { s.Edit("image/metadata/2.targets.json", "app.bin", "bad.bin") }, "2.targets.json: "},
		{"edited timestamp", func(s *ceremonytest.Software) { s.Edit("image/metadata/timestamp.json", "2026-12-07", "2036-12-07") }, "timestamp.json: "},
		{"no roots", remove("1.root.json"), "there is metadata but no 1.root.json"},
		{"newest targets taken away", remove("2.targets.json"), "targets.json: version is 1, but version 2 was signed already"},
		{"all targets taken away", remove("1.targets.json", "2.targets.json"), "2.targets.json: the file is missing; version 2 of it was signed already"},
		{"newest snapshot taken away", remove("2.snapshot.json"), "snapshot.json: version is 1, but version 2 was signed already"},
		{"old targets as new", func(s *ceremonytest.Software) {
			s.Write("image/metadata/3.targets.json", s.Read("image/metadata/1.targets.json"))
		}, "3.targets.json: version is 1, which lies in 1.targets.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			s.CarryOut(plan.Request{Renew: []string{"targets"}})
			tt.tamper(s)
			_, err := s.Make(plan.Request{})
			ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			_, err = ReadStatus(s.Open(), s.Now)
			ceremonytest.WantError(t, err, fault.Unverified, tt.want)
		})
	}
}
