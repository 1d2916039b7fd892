package derive_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestKept plans nothing that its own last step would refuse because of a file that
// stays as others made it.
func TestKept(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit(workspace.TrustFile, "format: tuf", "format: ota-ce")
	s.Write("images.yaml", ceremonytest.ImagesYAML("app.bin")+"    custom: {hardwareIds: [gateway]}\n")
	s.CarryOut(plan.Request{})
	old, err := roles.Read(roles.OTACE, roles.TypeTargets, []byte(s.Read("image/metadata/targets.json")))
	if err != nil {
		t.Fatal(err)
	}
	signed := strings.Replace(string(old.Signed), `"gateway"`, `"`+strings.Repeat("g", 201)+`"`, 1)
	signed = strings.Replace(signed, `"version":1}`, `"version":2}`, 1) // newer than what snapshot states
	value := base64.StdEncoding.EncodeToString(ed25519.Sign(ceremonytest.Key("targets-a"), []byte(signed)))
	s.Write("image/metadata/targets.json", fmt.Sprintf(`{"signatures":[{"keyid":%q,"method":"ed25519","sig":%q}],"signed":%s}`, old.Signatures[0].KeyID, value, signed))
	s.Edit(workspace.TrustFile, ", images: images.yaml", "")
	_, err = s.Make(plan.Request{Renew: []string{"timestamp"}})
	ceremonytest.WantError(t, err, fault.Refused, "CLIENT-LIMITS error: repositories.image.roles.targets.targets.app.bin.custom.hardwareIds[0]")
}
