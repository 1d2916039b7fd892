package crash

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/plan"
)

// situation is a ceremony of the life of a repository: how it comes about, after a
// first one, and what is planned.
type situation struct {
	name    string
	first   bool // it is the first one
	change  func(t testing.TB, s *stage)
	request plan.Request
}

// situations are those of the runbooks. What is not here has the ceremony of another: a
// machine that died and a restored workspace that of a renewal, a handover that of all keys
// replaced, a dummy update, a software rollback and new keys for secondaries that of a
// release.
var situations = []situation{
	{name: "first root", first: true},
	{name: "first root in ota-ce", first: true},
	{name: "renewal", request: plan.Request{Renew: []string{"root", "targets", "snapshot", "timestamp"}}},
	{name: "renewal in ota-ce", request: plan.Request{Renew: []string{"root", "targets", "snapshot", "timestamp"}}},
	{name: "signed again before expiry", request: plan.Request{Renew: []string{"snapshot", "timestamp"}}},
	{name: "release", change: release},
	{name: "release in ota-ce", change: release},

	{name: "lost token", change: replace("root-c"), request: plan.Request{Lost: []string{"root-c"}}},
	{name: "officer replaced", change: replace("root-c"), request: plan.Request{Signers: []string{"root-a", "root-c", "root-m", "targets-a", "snapshot-a", "timestamp-a"}}},
	{name: "threshold changed", change: func(t testing.TB, s *stage) { s.edit("trust.yaml", "root-c], threshold: 2", "root-c], threshold: 3") }},
	{name: "key type changed", change: func(t testing.TB, s *stage) {
		replace("root-a")(t, s)
		s.edit("trust.yaml", "root-k: {type: ed25519", "root-k: {type: ecdsa-p256")
	}},
	{name: "all keys replaced", change: replace(all...)},
	{name: "key destroyed", change: replace("timestamp-a"), request: plan.Request{Destroy: []string{"timestamp-a"}}},

	{name: "root key stolen", change: replace("root-c"), request: plan.Request{Stolen: []string{"root-c"}}},
	{name: "root keys stolen, as many as sign", change: replace(all...), request: plan.Request{Stolen: []string{"root-a", "root-b"}}},
	{name: "online keys stolen", change: replace("snapshot-a", "timestamp-a"), request: plan.Request{Stolen: []string{"snapshot-a", "timestamp-a"}}},
	{name: "targets key stolen", change: replace("targets-a"), request: plan.Request{Stolen: []string{"targets-a"}}},
	{name: "fast forward", change: func(t testing.TB, s *stage) {
		replace("snapshot-a", "timestamp-a")(t, s)
		s.edit("trust.yaml", "expires: 90d}", "expires: 90d, floor: 701}", "expires: 30d}", "expires: 30d, floor: 5001}", "expires: 14d}", "expires: 14d, floor: 9001}")
	}, request: plan.Request{Stolen: []string{"snapshot-a", "timestamp-a"}}},

	{name: "targets key rotated, first of two", change: replace("targets-a"), request: plan.Request{Gradual: true}},
	{name: "targets key rotated, second of two", change: func(t testing.TB, s *stage) {
		replace("targets-a")(t, s)
		s.hold(plan.Request{Gradual: true})
	}, request: plan.Request{Gradual: true}},

	{name: "supplier added", change: addSupplier},
	{name: "supplier replaced", change: supplied(replaceSupplier)},
	{name: "supplier removed", change: supplied(removeSupplier)},
	{name: "supplier's key stolen", change: supplied(replaceSuppliersKey), request: plan.Request{Stolen: []string{"acme-1"}}},

	{name: "online service", first: true, change: onlineService},
	{name: "online service's keys stolen", change: stolenFromService, first: true, request: plan.Request{Stolen: []string{"snapshot-o", "timestamp-o"}}},

	{name: "emergency kit sealed", change: spareKey, request: kit},
	{name: "emergency kit completed", change: func(t testing.TB, s *stage) {
		spareKey(t, s)
		s.hold(kit)
		s.edit("trust.yaml", "root-c", "root-m")
	}, request: plan.Request{Complete: "spare", Stolen: []string{"root-c"}}},
}

// all are the keys of the first ceremony.
var all = []string{"root-a", "root-b", "root-c", "targets-a", "snapshot-a", "timestamp-a"}

// replace declares keys in the place of others: root-k for root-a, root-l for root-b.
func replace(keys ...string) func(testing.TB, *stage) {
	return func(_ testing.TB, s *stage) {
		for _, key := range keys {
			s.newKey(key, strings.Split(key, "-")[0]+"-"+string(key[len(key)-1]+10))
		}
	}
}
