package crash

import (
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// situation is a ceremony of the life of a repository: how it comes about, after a
// first one, and what is planned.
type situation struct {
	name    string
	first   bool // it is the first one
	change  func(t testing.TB, s *stage)
	request plan.Request
}

// situations are those of the runbooks that differ in what a ceremony does.
var situations = []situation{
	{name: "first root", first: true},
	{name: "first root in ota-ce", first: true},
	{name: "renewal", request: plan.Request{Renew: []string{"root", "targets", "snapshot", "timestamp"}}},
	{name: "renewal in ota-ce", request: plan.Request{Renew: []string{"root", "targets", "snapshot", "timestamp"}}},
	{name: "lost token", change: func(t testing.TB, s *stage) { s.newKey("root-c", "root-d") }, request: plan.Request{Lost: []string{"root-c"}}},
	{name: "threshold changed", change: func(t testing.TB, s *stage) { s.edit("trust.yaml", "root-c], threshold: 2", "root-c], threshold: 3") }},
	{name: "all keys replaced", change: func(t testing.TB, s *stage) {
		for _, key := range []string{"root-a", "root-b", "root-c", "targets-a", "snapshot-a", "timestamp-a"} {
			s.newKey(key, strings.Split(key, "-")[0]+"-"+string(key[len(key)-1]+10))
		}
	}},
	{name: "online keys stolen", change: func(t testing.TB, s *stage) {
		s.newKey("snapshot-a", "snapshot-z")
		s.newKey("timestamp-a", "timestamp-z")
	}, request: plan.Request{Stolen: []string{"snapshot-a", "timestamp-a"}}},
	{name: "supplier added", change: func(t testing.TB, s *stage) {
		s.edit("trust.yaml", "      timestamp-a: {", "      acme-1: {public: keys/acme-1.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "acme-1")+"}\n      timestamp-a: {",
			"    waivers:", "    delegations:\n      - {role: acme, keys: [acme-1], threshold: 1, paths: [\"acme/*\"], expires: 90d}\n    waivers:")
		s.addRecord("acme-1")
		s.write("image/metadata/1.acme.json", ceremonytest.SuppliedImages(t, roles.TUF, 1, ceremonytest.Now.Add(60*24*time.Hour), []string{"acme/a"}, "acme-1"))
	}},
	{name: "key destroyed", change: func(t testing.TB, s *stage) { s.newKey("timestamp-a", "timestamp-z") }, request: plan.Request{Destroy: []string{"timestamp-a"}}},
}
