package ceremonytest

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// SupplierDelegation is what trust.yaml says of the supplier of brakes.
const SupplierDelegation = `    delegations:
      - {role: brakes, keys: [supplier-a], threshold: 1, paths: ["brakes/*"], expires: 90d, renew: 1d}
`

// SupplierKey declares their key, whose fingerprint somebody has compared.
func SupplierKey(t testing.TB) string {
	return "      supplier-a: {public: keys/supplier-a.yaml, fingerprint: " + Fingerprint(t, "supplier-a") + "}\n"
}

// Delegate has a fleet delegate to the supplier of brakes, from the next plan on.
func (s *Software) Delegate() {
	s.AddKeys("supplier-a")
	s.Edit(workspace.TrustFile, "    roles:\n", SupplierKey(s.T)+"    roles:\n")
	s.Write(workspace.TrustFile, s.Read(workspace.TrustFile)+SupplierDelegation)
}

// Supplied is a repository with a delegation whose key a supplier holds.
func Supplied(t testing.TB) *Software {
	s := SignedSoftware(t)
	s.Delegate()
	return s
}

// Delivered is one in which the supplier's file is published.
func Delivered(t testing.TB) *Software {
	s := Supplied(t)
	s.Write("image/metadata/1.brakes.json", SuppliedImages(t, roles.TUF, 1, s.Now.Add(5*words.Day), []string{"brakes/1"}, "supplier-a"))
	s.CarryOut(plan.Request{})
	return s
}

// SupplierInPlace is where the supplier's file lies in format ota-ce, whatever its version.
const SupplierInPlace = "image/metadata/delegations/brakes.json"

// SuppliedInPlace is Supplied in that format.
func SuppliedInPlace(t testing.TB) *Software {
	s := NewSoftware(t)
	s.Edit(workspace.TrustFile, "format: tuf", "format: ota-ce")
	s.Edit("images.yaml", "    length: 10\n", "    length: 10\n    custom: {hardwareIds: [hw]}\n")
	s.CarryOut(plan.Request{})
	s.Delegate()
	return s
}
