//go:build modules

package hsm_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// services find and use the module's keys through crypto11, by label and by id. NSS
// wants an init string, which crypto11 does not give: services reach it behind p11-kit.
func (r *moduleRun) services(t *testing.T) {
	var kinds []hsm.KeyType
	for _, can := range r.found.Report.Capabilities.Keys {
		if can.Generate && can.Type != hsm.Ed25519 && can.Type != hsm.RSA4096 {
			kinds = append(kinds, can.Type)
		}
	}
	const name = "keys of services, through crypto11"
	came, err := throughCrypto11(t, r.target(), kinds...)
	if r.quirks.noService != "" {
		if err == nil || !strings.Contains(err.Error(), r.quirks.noService) {
			t.Errorf("got %v, want %q", err, r.quirks.noService)
		}
		r.fact(name, "behind p11-kit-proxy only")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	wantUsed(t, came, r.quirks)
	r.fact(name, strings.Join(worked(came), ", "))
	if r.module.Name == "p11-kit-proxy" {
		g := r.target()
		g.uri, g.unproven = hsm.URI{Token: "NSS Certificate DB"}, true
		came, err := throughCrypto11(t, g, hsm.ECDSAP256, hsm.RSA3072)
		if err != nil {
			t.Fatal(err)
		}
		wantUsed(t, came, quirksOf["nss"])
	}
}

// wantUsed fails unless every way works but those that the module is known to refuse.
func wantUsed(t *testing.T, came map[string]string, q quirks) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(came)) {
		want := ""
		switch {
		case strings.HasSuffix(what, "PKCS1v15") && !q.anyScheme:
			want = "CKR_MECHANISM_INVALID"
		case strings.HasSuffix(what, "PSS"):
			want = q.noPSS
		}
		if (came[what] == "") != (want == "") || !strings.Contains(came[what], want) {
			t.Errorf("%s: got %q, want %q", what, came[what], want)
		}
	}
	if len(came) == 0 {
		t.Error("no way was tried")
	}
}

// worked are the ways to sign that worked, however the key was found.
func worked(came map[string]string) []string {
	ways := map[string]bool{}
	for what, err := range came {
		if _, way, _ := strings.Cut(what, ", "); err == "" {
			ways[way] = true
		}
	}
	return slices.Sorted(maps.Keys(ways))
}
