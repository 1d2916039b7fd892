package derive_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestOtherScheme plans no signature of a token by a scheme that tokens are never asked
// for: a root that others made may list an RSA key with another hash. Whoever brings
// such a signature in may go on.
func TestOtherScheme(t *testing.T) {
	for _, tt := range []struct {
		scheme, decl string
		want         string // "" when it is planned
		step         string
	}{
		{"rsassa-pss-sha256", "type: rsa-3072", "", "sign targets 2 with targets-b"},
		{"rsassa-pss-sha512", "type: rsa-3072", "targets: the threshold of targets cannot be reached here; no key of it is held here, want 1", ""},
		{"rsa-pkcs1v15-sha256", "type: rsa-3072", "targets: the threshold of targets cannot be reached here; no key of it is held here, want 1", ""},
		{"rsassa-pss-sha512", "external: keys/targets-b.yaml", "", "take in the signature of targets 2 by targets-b"},
	} {
		t.Run(tt.scheme+" "+tt.decl, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			listRSA(s, tt.scheme)
			s.Edit(workspace.TrustFile, "targets-a: {type: ed25519", "targets-b: {"+tt.decl, "[targets-a]", "[targets-b]")
			if !strings.HasPrefix(tt.decl, "external") {
				s.Edit("site.yaml", "targets-a: all", "targets-b: all")
			}
			p, err := s.Make(plan.Request{})
			if tt.want == "" {
				if err != nil || !strings.Contains(steps(p), tt.step) {
					t.Fatalf("got %v, %v, want %s", p, err, tt.step)
				}
				return
			}
			ceremonytest.WantError(t, err, fault.Refused, tt.want)
			hint := "targets-b is held here, but root lists it with the scheme " + tt.scheme + ", by which keyrite has no token sign; name a key of another name in its place"
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, hint) || strings.Contains(hints, "--signers") {
				t.Errorf("got hints %q", hints)
			}
			s.Edit(workspace.TrustFile, "targets-b: {type: rsa-3072", "targets-c: {type: ed25519", "[targets-b]", "[targets-c]") // as the hint says
			s.Edit("site.yaml", "targets-b: all", "targets-c: all")
			if p, err = s.Make(plan.Request{}); err != nil || !strings.Contains(steps(p), "sign targets 2 with targets-c") {
				t.Errorf("got %v, %v", p, err)
			}
		})
	}
}

// listRSA makes targets-b an RSA key that root lists with a scheme, beside targets-a.
func listRSA(s *ceremonytest.Software, scheme string) {
	s.T.Helper()
	check := func(err error) {
		s.T.Helper()
		if err != nil {
			s.T.Fatal(err)
		}
	}
	private, err := rsa.GenerateKey(rand.Reader, 3072)
	check(err)
	record, err := workspace.NewKeyRecord("targets-b", &private.PublicKey, s.Now)
	check(err)
	data, err := record.Encode()
	check(err)
	s.Write(workspace.KeyPath("targets-b"), string(data))
	key, err := roles.NewKey(roles.TUF, &private.PublicKey)
	check(err)
	file, err := roles.Read(roles.TUF, roles.TypeRoot, []byte(s.Read("image/metadata/1.root.json")))
	check(err)
	root := file.Body.(*roles.Root)
	root.SetRole("targets", 1, append(root.KeysOf("targets"), key))
	draft, err := roles.Encode(roles.TUF, file.Body)
	check(err)
	for _, data := range []*[]byte{&draft.JSON, &draft.Signed} {
		*data = bytes.Replace(*data, []byte("rsassa-pss-sha256"), []byte(scheme), 1)
	}
	s.Write("image/metadata/1.root.json", string(ceremonytest.Sealed(s.T, draft, "root-a", "root-b")))
}

func steps(p *plan.Plan) string {
	var b strings.Builder
	for _, step := range p.Steps {
		b.WriteString(step.String() + "\n")
	}
	return b.String()
}
