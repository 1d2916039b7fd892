package crash

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// release adds an image.
func release(_ testing.TB, s *stage) {
	s.edit("trust.yaml", "targets-a], threshold: 1, expires: 90d}", "targets-a], threshold: 1, expires: 90d, images: images.yaml}")
	hashes := roles.HashesOf([]byte("app"))
	s.write("images.yaml", fmt.Sprintf("version: 1\nimages:\n  - path: app.bin\n    length: 3\n    custom: {hardwareIds: [ecu], releaseCounter: 1}\n    sha256: %x\n    sha512: %x\n", *hashes.SHA256, *hashes.SHA512))
}

// supplier declares a delegation to a key of somebody else, and puts his file in its place.
func supplier(t testing.TB, s *stage, role, key string) {
	s.declareOthers(key)
	entry := "      - {role: " + role + ", keys: [" + key + "], threshold: 1, paths: [\"" + role + "/*\"], expires: 90d}\n"
	s.edit("trust.yaml", "    waivers:", "    delegations:\n"+entry+"    waivers:")
	s.write("image/metadata/1."+role+".json", ceremonytest.SuppliedImages(t, roles.TUF, 1, ceremonytest.Now.Add(60*24*time.Hour), []string{role + "/a"}, key))
}

func addSupplier(t testing.TB, s *stage) { supplier(t, s, "acme", "acme-1") }

// supplied changes something once a supplier is there.
func supplied(change func(testing.TB, *stage)) func(testing.TB, *stage) {
	return func(t testing.TB, s *stage) {
		addSupplier(t, s)
		s.hold(plan.Request{})
		change(t, s)
	}
}

func removeSupplier(_ testing.TB, s *stage) {
	s.edit("trust.yaml", "    delegations:\n      - {role: acme, keys: [acme-1], threshold: 1, paths: [\"acme/*\"], expires: 90d}\n", "",
		"      acme-1: {public: keys/acme-1.yaml, fingerprint: "+ceremonytest.Fingerprint(s, "acme-1")+"}\n", "")
}

func replaceSupplier(t testing.TB, s *stage) {
	removeSupplier(t, s)
	supplier(t, s, "bolt", "bolt-1")
}

// replaceSuppliersKey gives the supplier a role of another name, as after any theft.
func replaceSuppliersKey(t testing.TB, s *stage) {
	removeSupplier(t, s)
	supplier(t, s, "acme-2", "acme-2")
}

// onlineService has a service sign snapshot and timestamp.
func onlineService(t testing.TB, s *stage) {
	for _, role := range []string{"snapshot", "timestamp"} {
		s.edit("trust.yaml", "      "+role+"-a: {type: ed25519, custodian: "+map[string]string{"snapshot": "e", "timestamp": "f"}[role]+"}\n", "", "keys: ["+role+"-a]", "keys: ["+role+"-o]")
		s.edit("site.yaml", ", "+role+"-a: all", "")
		s.declareOthers(role + "-o")
	}
}

// stolenFromService replaces both of its keys after a first ceremony.
func stolenFromService(t testing.TB, s *stage) {
	onlineService(t, s)
	s.hold(plan.Request{})
	for _, role := range []string{"snapshot", "timestamp"} {
		s.edit("trust.yaml", "      "+role+"-o: {public: keys/"+role+"-o.yaml, fingerprint: "+ceremonytest.Fingerprint(t, role+"-o")+"}\n", "", "keys: ["+role+"-o]", "keys: ["+role+"-n]")
		s.declareOthers(role + "-n")
	}
}

// kit seals an emergency kit in which root-m is in the place of root-c.
var kit = plan.Request{Emergency: "spare", Replace: map[string]string{"root-c": "root-m"}, Signers: []string{"root-a"}}

// spareKey has the token hold the key of the kit.
func spareKey(_ testing.TB, s *stage) { s.edit("site.yaml", "keys: {", "keys: {root-m: all, ") }
