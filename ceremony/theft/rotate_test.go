package theft_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/theft"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// trusts are small repositories: each role has one to three keys, and some threshold.
func trusts(rng *rand.Rand) (keys []string, text string) {
	var b, declared strings.Builder
	for _, role := range workspace.TopLevel {
		most := 2
		if role == "root" {
			most = 3
		}
		var names []string
		for i := range 1 + rng.IntN(most) {
			name := fmt.Sprintf("%s-%c", role, 'a'+i)
			names = append(names, name)
			fmt.Fprintf(&declared, "      %s: {type: ed25519, custodian: of %s}\n", name, name)
		}
		fmt.Fprintf(&b, "      %s: {keys: [%s], threshold: %d, expires: 30d}\n", role, strings.Join(names, ", "), 1+rng.IntN(len(names)))
		keys = append(keys, names...)
	}
	text = "version: 1\nfleet: test\nrepositories:\n  image:\n    format: tuf\n    policy: tuf\n    keys:\n" + declared.String() + "    roles:\n" + b.String() + "    waivers:\n"
	for _, check := range []string{"ROOT-CUSTODY", "TOKEN-QUORUM", "ROOT-THRESHOLD", "TARGETS-THRESHOLD"} {
		text += "      - {check: " + check + ", reason: test, person: test}\n"
	}
	return keys, text
}

// instead is the workspace with another trust.yaml.
type instead struct {
	workspace.Files
	trust []byte
}

func (i instead) Read(name string, limit int64) ([]byte, error) {
	if name == workspace.TrustFile {
		return i.trust, nil
	}
	return i.Files.Read(name, limit)
}

// TestLeastRotation holds the rotation that a theft or a loss wants against every other
// one: it ends what has happened by the policy's word, and whatever else does has all of
// its keys.
func TestLeastRotation(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 7))
		keys, text := trusts(rng)
		s := ceremonytest.NewSoftware(t)
		s.Write(workspace.TrustFile, text)
		s.Write(workspace.SiteFile, siteOf(keys))
		s.AddKeys(keys...)
		s.CarryOut(plan.Request{})
		for _, key := range keys {
			s.AddKeys("new-" + key)
		}
		r := plan.Request{Repository: "image", Now: s.Now}
		for _, key := range keys {
			switch rng.IntN(4) {
			case 0:
				r.Stolen = append(r.Stolen, key)
			case 1:
				if !strings.HasPrefix(key, "root-") { // without its quorum there is no plan
					r.Lost = append(r.Lost, key)
				}
			}
		}
		assessed, err := theft.Assess(s.Open(), "image", r.Stolen, r.Lost, s.Now)
		if err != nil {
			t.Fatal(err)
		}
		least := slices.Sorted(maps.Keys(assessed.Replace))
		if !ends(t, s, r, text, least) {
			t.Errorf("stolen %v, lost %v: %v does not end it", r.Stolen, r.Lost, least)
		}
		for set := range 1 << len(keys) {
			var out []string
			for i, key := range keys {
				if set>>i&1 == 1 {
					out = append(out, key)
				}
			}
			lacks := slices.ContainsFunc(least, func(key string) bool { return !slices.Contains(out, key) })
			if lacks && ends(t, s, r, text, out) {
				t.Errorf("stolen %v, lost %v: %v ends it too, without all of %v", r.Stolen, r.Lost, out, least)
			}
		}
	}
}

func siteOf(keys []string) string {
	text := "version: 1\nsite: main\nmodules: {soft: {path: /soft.so, sha256: 00000000000000000000000000000000000000000000000000000000000000ff}}\n" +
		"tokens: {all: {module: soft, uri: \"pkcs11:token=all\", pin: ask}}\nkeys:\n"
	for _, key := range keys {
		text += "  " + key + ": all\n  new-" + key + ": all\n"
	}
	return text
}

// ends says whether a plan that replaces these keys leaves nothing of a theft, nor a key
// that is lost.
func ends(t *testing.T, s *ceremonytest.Software, r plan.Request, text string, out []string) bool {
	replace := map[string]string{}
	for _, key := range out {
		replace[key] = "new-" + key
	}
	if slices.ContainsFunc(r.Lost, func(key string) bool { return replace[key] == "" }) {
		return false
	}
	trust, err := declare.ReplaceKeys([]byte(text), "image", replace)
	if err != nil {
		t.Fatal(err)
	}
	_, err = derive.Plan(s.Open(), instead{s.Open(), trust}, r)
	if err == nil {
		return true
	}
	for _, at := range fault.ReportOf(err).Where {
		if at.Check == "KEY-STOLEN" || at.Check == "KEYS-TOGETHER" {
			return false
		}
	}
	t.Fatalf("stolen %v, lost %v, replaced %v: %v", r.Stolen, r.Lost, out, err)
	return false
}

// TestRotate names new keys in trust.yaml; those that nobody else has keep their tokens.
func TestRotate(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Edit(workspace.TrustFile, "timestamp-a: {type: ed25519, custodian: e}", "timestamp-a: {type: ed25519, custodian: e} # in the safe")
	r := plan.Request{Repository: "image", Now: s.Now, Stolen: []string{"timestamp-a"}}
	rotate := func() *theft.Rotated {
		t.Helper()
		assessed, err := theft.Assess(s.Open(), "image", r.Stolen, r.Lost, s.Now)
		if err != nil {
			t.Fatal(err)
		}
		made, err := theft.Rotate(s.Open(), assessed)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	if got := fmt.Sprint(*rotate()); got != "{map[snapshot-a:snapshot-a-2 timestamp-a:timestamp-a-2] map[snapshot-a-2:all]}" {
		t.Error(got)
	}
	if text := s.Read(workspace.TrustFile); !strings.Contains(text, "      timestamp-a-2: {type: ed25519, custodian: e} # in the safe\n") || !strings.Contains(text, "timestamp: {keys: [timestamp-a-2]") {
		t.Error(text)
	}
	_, err := s.Make(r)
	ceremonytest.WantError(t, err, fault.Usage, "site.yaml: keys.timestamp-a-2 is missing")
	s.Edit(workspace.SiteFile, "timestamp-a: all", "timestamp-a: all, timestamp-a-2: all")
	if got := ceremonytest.Files(s.MustMake(r)); got != "root 2, snapshot 2, timestamp 2" {
		t.Error(got)
	}
	if got := rotate(); len(got.Replaced) != 0 {
		t.Errorf("done twice: %v", got)
	}
}

// TestRotateNames takes names that nothing has.
func TestRotateNames(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("root-a-2", "root-a-3")
	assessed, err := theft.Assess(s.Open(), "image", nil, []string{"root-a"}, s.Now)
	if err != nil || assessed.Replace["root-a"] != "root-a-4" {
		t.Error(assessed, err)
	}
}
