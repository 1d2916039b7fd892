package hsm_test

import (
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestCapabilityTableOfOneToken(t *testing.T) {
	var can []hsm.KeyCapability
	for _, kind := range hsm.KeyTypes() {
		can = append(can, hsm.KeyCapability{Type: kind})
	}
	can[0] = hsm.KeyCapability{Type: hsm.Ed25519, Generate: true, Sign: "CKM_EDDSA", Listed: true}
	can[3] = hsm.KeyCapability{Type: hsm.RSA3072, Generate: true, Sign: "CKM_RSA_PKCS_PSS"}
	token := hsm.TokenInfo{Module: "safe", Model: "M", Manufacturer: "V", Firmware: "1.0", ProtectedPath: true}
	got := hsm.CapabilityTable([]hsm.Report{{Name: "officer-1", Token: token, Capabilities: hsm.Capabilities{Keys: can}}})
	const want = `|                           | officer-1                     |
|---------------------------|-------------------------------|
| module                    | safe                          |
| model                     | M                             |
| manufacturer              | V                             |
| firmware                  | 1.0                           |
| PIN is typed on the token | yes                           |
| remembers what it signed  | no                            |
| generate ed25519          | yes                           |
| sign with ed25519         | CKM_EDDSA                     |
| generate ecdsa-p256       | no                            |
| sign with ecdsa-p256      | no                            |
| generate ecdsa-p384       | no                            |
| sign with ecdsa-p384      | no                            |
| generate rsa-3072         | yes                           |
| sign with rsa-3072        | CKM_RSA_PKCS_PSS (not listed) |
| generate rsa-4096         | no                            |
| sign with rsa-4096        | no                            |
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
