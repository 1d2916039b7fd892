package workspace

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
)

const goodTrust = `version: 1
fleet: roadster
people:
  administrator: 1
  crypto-officers: {root: 2, targets: 2}
  witnesses: 1
repositories:
  image:
    format: ota-ce
    policy: uptane-small
    keys:
      root-b: {type: ed25519, custodian: crypto officer 2}
      root-a: {type: ed25519, custodian: crypto officer 1}
      targets-a: {type: rsa-3072, custodian: release officer 1}
      online-1: {type: ed25519, custodian: release team}
      acme-1: {public: keys/acme-1.yaml}
    roles:
      root: {keys: [root-a, root-b], threshold: 2, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d, images: images.yaml}
      snapshot: {keys: [online-1], threshold: 1, expires: 7d}
      timestamp: {keys: [online-1], threshold: 1, expires: 36h}
    delegations:
      - {role: acme-brakes, keys: [acme-1], threshold: 1, paths: ["acme-brakes/*"], expires: 90d, images: acme.yaml}
    waivers:
      - {check: KEYS-DISTINCT, reason: "one online key, until the second HSM arrives", person: A. Admin}
`

func TestParseTrust(t *testing.T) {
	trust, err := ParseTrust("trust.yaml", []byte(goodTrust))
	if err != nil {
		t.Fatal(err)
	}
	r, err := trust.Repository("image")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"root-b", "root-a", "targets-a", "online-1", "acme-1"}; !slices.Equal(r.KeyNames, want) {
		t.Errorf("keys: got %q, want the order of the file %q", r.KeyNames, want)
	}
	if got := time.Duration(r.Roles["timestamp"].Expires); got != 36*time.Hour {
		t.Errorf("expires: got %v", got)
	}
	if got, want := r.RolesOf("online-1"), []string{"snapshot", "timestamp"}; !slices.Equal(got, want) {
		t.Errorf("roles of online-1: got %q, want %q", got, want)
	}
	if got, want := r.RolesOf("acme-1"), []string{"acme-brakes"}; !slices.Equal(got, want) {
		t.Errorf("roles of acme-1: got %q, want %q", got, want)
	}
	if d := r.Delegations[0]; d.Terminating || d.Paths[0] != "acme-brakes/*" {
		t.Errorf("delegation: got %+v", d)
	}
	_, err = trust.Repository("imag")
	if want := `trust.yaml: repository is "imag", want one of image`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// TestParseTrustRefuses changes one thing of a good file at a time.
func TestParseTrustRefuses(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		code           fault.Code
		want           string
	}{
		{"misspelt field", "threshold: 2", "treshold: 2", fault.Usage, "trust.yaml:18: repositories.image.roles.root.treshold is not a field; want one of expires, floor, images, keys, online, renew, threshold"},
		{"root's floor", "threshold: 2, expires: 365d", "threshold: 2, expires: 365d, floor: 3", fault.Usage, "roles.root.floor is irrelevant, a root has exactly the version after the one before it"},
		{"renewed when it is signed", "expires: 7d", "expires: 7d, renew: 168h", fault.Usage, "trust.yaml:20: repositories.image.roles.snapshot.renew is 7d, want less than expires, 7d"},
		{"supplier renewed later", `paths: ["acme-brakes/*"], expires: 90d`, `paths: ["acme-brakes/*"], expires: 90d, renew: 91d`, fault.Usage, "delegations[0].renew is 91d, want less than expires, 90d"},
		{"floor below", "expires: 7d", "expires: 7d, floor: -1", fault.Usage, "roles.snapshot.floor is -1, want 1 to 2147483647"},
		{"floor above", `paths: ["acme-brakes/*"], expires: 90d`, `paths: ["acme-brakes/*"], expires: 90d, floor: 2147483648`, fault.Usage, "delegations[0].floor is 2147483648, want 1 to 2147483647"},
		{"version", "version: 1", "version: 2", fault.Usage, "trust.yaml:1: version is 2, want 1"},
		{"fleet", "fleet: roadster", `fleet: " "`, fault.Usage, "trust.yaml:2: fleet is"},
		{"people's role", "{root: 2, targets: 2}", "{roots: 2}", fault.Usage, "trust.yaml:5: people.crypto-officers.roots is not a role"},
		{"people's number", "witnesses: 1", "witnesses: -1", fault.Usage, "trust.yaml:6: people.witnesses is -1"},
		{"format", "format: ota-ce", "format: json", fault.Usage, `trust.yaml:9: repositories.image.format is "json", want tuf or ota-ce`},
		{"policy", "policy: uptane-small", "policy: ../policy.yaml", fault.Usage, "trust.yaml:10: repositories.image.policy is"},
		{"key's name", "targets-a", "Targets_A", fault.Usage, "repositories.image.keys.Targets_A is not a name for a key"},
		{"key's type", "type: rsa-3072", "type: rsa-1024", fault.Usage, "trust.yaml:14: repositories.image.keys.targets-a.type is \"rsa-1024\", want one of ed25519"},
		{"key without type", "type: rsa-3072, ", "", fault.Usage, "trust.yaml:14: repositories.image.keys.targets-a.type is \"\""},
		{"key without custodian", ", custodian: release officer 1", "", fault.Usage, "keys.targets-a.custodian is \"\""},
		{"custodian who watches", "custodian: release officer 1", "custodian: Internal Witness", fault.Refused, "keys.targets-a.custodian is \"Internal Witness\", who watches the custodians"},
		{"people's number, outside", "witnesses: 1", "external-witnesses: 100", fault.Usage, "trust.yaml:6: people.external-witnesses is 100"},
		{"imported with type", "{public: keys/acme-1.yaml}", "{public: keys/acme-1.yaml, type: ed25519}", fault.Usage, "trust.yaml:16: repositories.image.keys.acme-1.type is irrelevant"},
		{"imported with custodian", "{public: keys/acme-1.yaml}", "{public: keys/acme-1.yaml, custodian: me}", fault.Usage, "keys.acme-1.custodian is irrelevant"},
		{"imported from elsewhere", "keys/acme-1.yaml", "../acme-1.yaml", fault.Usage, "keys.acme-1.public is \"../acme-1.yaml\", want keys/acme-1.yaml"},
		{"unused key", "keys: [root-a, root-b], threshold: 2", "keys: [root-a], threshold: 1", fault.Usage, "trust.yaml:12: repositories.image.keys.root-b is used by no role"},
		{"undeclared key", "keys: [targets-a]", "keys: [targets-a, targets-x]", fault.Usage, `trust.yaml:19: repositories.image.roles.targets.keys[1] is "targets-x", which is not declared`},
		{"key twice", "keys: [targets-a]", "keys: [targets-a, targets-a]", fault.Usage, "roles.targets.keys[1] is \"targets-a\", which is listed already"},
		{"no keys", "keys: [targets-a]", "keys: []", fault.Usage, "roles.targets.keys is empty"},
		{"threshold zero", "threshold: 2", "threshold: 0", fault.Refused, "trust.yaml:18: repositories.image.roles.root.threshold is 0, want at least 1"},
		{"threshold out of reach", "threshold: 2", "threshold: 3", fault.Refused, "trust.yaml:18: repositories.image.roles.root.threshold is 3, want at most 2 (the number of keys)"},
		{"missing role", "      timestamp:", "      mirrors:", fault.Usage, "repositories.image.roles.timestamp is missing"},
		{"fifth role", "      timestamp:", "      Root: {keys: [online-1], threshold: 1, expires: 1d}\n      timestamp:", fault.Usage, "trust.yaml:21: repositories.image.roles.Root is not a top-level role"},
		{"images of snapshot", "expires: 7d", "expires: 7d, images: images.yaml", fault.Usage, "trust.yaml:20: repositories.image.roles.snapshot.images is irrelevant"},
		{"images elsewhere", "images: images.yaml", "images: /etc/images.yaml", fault.Usage, "roles.targets.images is"},
		{"lifetime", "expires: 365d", "expires: 1y", fault.Usage, `trust.yaml:18: repositories.image.roles.root.expires is "1y": want days or hours`},
		{"delegation's name", "role: acme-brakes", "role: acme brakes", fault.Usage, "trust.yaml:23: repositories.image.delegations[0].role is \"acme brakes\""},
		{"delegation like a top-level role", "role: acme-brakes", "role: Targets", fault.Usage, "delegations[0].role is \"Targets\""},
		{"delegation twice", "    waivers:", "      - {role: ACME-brakes, keys: [acme-1], threshold: 1, paths: [x], expires: 1d}\n    waivers:", fault.Refused, "trust.yaml:24: repositories.image.delegations[1].role is \"ACME-brakes\", which an earlier"},
		{"pattern", `"acme-brakes/*"`, `"../*"`, fault.Usage, "delegations[0].paths[0] is \"../*\""},
		{"pattern twice", `["acme-brakes/*"]`, `[a, a]`, fault.Usage, "delegations[0].paths[1] is \"a\", which is listed already"},
		{"no pattern", `["acme-brakes/*"]`, `[]`, fault.Usage, "delegations[0].paths is empty"},
		{"waiver's check", "check: KEYS-DISTINCT", "check: key reuse", fault.Usage, "waivers[0].check is"},
		{"waiver's reason", `"one online key, until the second HSM arrives"`, `""`, fault.Usage, "waivers[0].reason is"},
		{"repository's name", "  image:", "  keys:", fault.Usage, "trust.yaml:8: repositories.keys is not a name for a repository"},
		{"no repository", goodTrust[strings.Index(goodTrust, "repositories:"):], "repositories: {}\n", fault.Usage, "trust.yaml:7: repositories is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(goodTrust, test.old) {
				t.Fatalf("%q is not in the file", test.old)
			}
			_, err := ParseTrust("trust.yaml", []byte(strings.Replace(goodTrust, test.old, test.new, 1)))
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q\nwant %q", err, test.want)
			}
			if fault.CodeOf(err) != test.code {
				t.Errorf("got code %d, want %d", fault.CodeOf(err), test.code)
			}
		})
	}
}

func TestRepositoriesShareNoKey(t *testing.T) {
	second := strings.Replace(goodTrust[strings.Index(goodTrust, "  image:"):], "  image:", "  director:", 1)
	_, err := ParseTrust("trust.yaml", []byte(goodTrust+second))
	if want := "repositories.director.keys.root-b is a key of image too"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if fault.CodeOf(err) != fault.Refused {
		t.Errorf("got code %d, want %d", fault.CodeOf(err), fault.Refused)
	}
}

func TestCheckRecords(t *testing.T) {
	trust, err := ParseTrust("trust.yaml", []byte(goodTrust))
	if err != nil {
		t.Fatal(err)
	}
	r := trust.Repositories["image"]
	one, other := testRecord(t, "root-a"), testRecord(t, "root-b")
	if err := r.CheckRecords(map[string]*KeyRecord{"root-a": one, "root-b": other}); err != nil {
		t.Error(err)
	}

	err = r.CheckRecords(map[string]*KeyRecord{"root-a": one, "root-b": one})
	want := "trust.yaml:13: repositories.image.keys.root-a has the same public key as root-b, want different keys"
	if err == nil || err.Error() != want || fault.CodeOf(err) != fault.Refused {
		t.Errorf("got %v with code %d, want %q", err, fault.CodeOf(err), want)
	}

	err = r.CheckRecords(map[string]*KeyRecord{"targets-a": one})
	want = "trust.yaml:14: repositories.image.keys.targets-a.type is rsa-3072, but keys/targets-a.yaml has a key of type ed25519"
	if err == nil || err.Error() != want || fault.CodeOf(err) != fault.Refused {
		t.Errorf("got %v with code %d, want %q", err, fault.CodeOf(err), want)
	}
}

func testRecord(t *testing.T, name string) *KeyRecord {
	t.Helper()
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	record, err := NewKeyRecord(name, public, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func FuzzTrust(f *testing.F) {
	f.Add([]byte(goodTrust))
	f.Add([]byte("version: 1\nfleet: x\nrepositories: {image: {}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		trust, err := ParseTrust("trust.yaml", data)
		if err != nil {
			return
		}
		for _, name := range trust.RepositoryNames() {
			for _, role := range TopLevel {
				decl := trust.Repositories[name].Roles[role]
				if decl.Threshold < 1 || decl.Threshold > len(decl.Keys) || decl.Expires <= 0 {
					t.Errorf("%s of %s: accepted %+v", role, name, decl)
				}
			}
		}
	})
}
