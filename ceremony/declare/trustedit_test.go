package declare

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

const trustToEdit = `# who is trusted
version: 1
fleet: roadster
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: "officer 1"}   # in the safe
      "root-b":
        type: ed25519
        custodian: officer 2
      online: {public: keys/online.yaml, fingerprint: 00000000000000000000000000000000000000000000000000000000000000ff}
      acme:
        public: keys/acme.yaml
        fingerprint: 00000000000000000000000000000000000000000000000000000000000000fe
    roles:
      root: {keys: [root-a, 'root-b'], threshold: 2, expires: 365d} # root-a signs first
      targets: {keys: [root-a], threshold: 1, expires: 90d}
      snapshot:
        keys:
          - online
        threshold: 1
        expires: 30d
      timestamp: {keys: [online], threshold: 1, expires: 14d}
    delegations:
      - {role: acme, keys: [acme], threshold: 1, paths: ["root-a/*"], expires: 90d}
`

// TestReplaceKeys changes names of keys where they stand, and nothing else.
func TestReplaceKeys(t *testing.T) {
	for name, tt := range map[string]struct {
		replace map[string]string
		edits   []string // old and new, in the order of the file
	}{
		"in a flow": {map[string]string{"root-a": "root-d"}, []string{
			"      root-a: {type", "      root-d: {type", "[root-a, 'root-b']", "[root-d, 'root-b']", "targets: {keys: [root-a]", "targets: {keys: [root-d]",
		}},
		"quoted, in a block": {map[string]string{"root-b": "root-b-2"}, []string{`"root-b":`, "root-b-2:", "'root-b'", "root-b-2"}},
		"public": {map[string]string{"online": "online-2"}, []string{
			"online: {public: keys/online.yaml, fingerprint: 00000000000000000000000000000000000000000000000000000000000000ff}", "online-2: {public: keys/online-2.yaml}",
			"- online\n", "- online-2\n", "[online]", "[online-2]",
		}},
		"public, in a block": {map[string]string{"acme": "acme-2"}, []string{
			"acme:\n        public: keys/acme.yaml\n        fingerprint: 00000000000000000000000000000000000000000000000000000000000000fe\n", "acme-2:\n        public: keys/acme-2.yaml\n",
			"keys: [acme]", "keys: [acme-2]",
		}},
		"two":    {map[string]string{"root-b": "x", "acme": "root-a-2"}, nil},
		"before": {map[string]string{"root-z": "root-a"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReplaceKeys([]byte(trustToEdit), "image", tt.replace)
			if err != nil {
				t.Fatal(err)
			}
			want := trustToEdit
			for i := 0; i < len(tt.edits); i += 2 {
				want = strings.Replace(want, tt.edits[i], tt.edits[i+1], 1)
			}
			if tt.edits != nil && string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			again, err := ReplaceKeys(got, "image", tt.replace)
			if err != nil || string(again) != string(got) {
				t.Errorf("done twice: %v\n%s", err, again)
			}
		})
	}
}

// TestReplaceKeysRefuses changes nothing where it cannot be sure what it means.
func TestReplaceKeysRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		text, repository string
		replace          map[string]string
		want             string
	}{
		"no such key":        {trustToEdit, "image", map[string]string{"nobody": "somebody"}, "there is no repositories.image.keys.nobody, nor somebody in its place"},
		"both declared":      {trustToEdit, "image", map[string]string{"root-a": "root-b"}, "repositories.image.keys.root-a and root-b are both declared"},
		"no name":            {trustToEdit, "image", map[string]string{"root-a": "Root D"}, "Root D is not a name for a key"},
		"no such repository": {trustToEdit, "director", map[string]string{"root-a": "x"}, `repository is "director", want one of image`},
		"an alias":           {strings.ReplaceAll(strings.Replace(trustToEdit, "custodian: officer 2", "custodian: &o officer 2", 1), "root-a:", "root-a:"), "image", map[string]string{"root-a": "x"}, "anchor"},
		"a comment would go": {strings.Replace(trustToEdit, "keys/acme.yaml\n", "keys/acme.yaml # theirs\n", 1), "image", map[string]string{"acme": "x"}, "is spelled so that no command can change it"},
		"fingerprint first": {strings.Replace(trustToEdit, "{public: keys/online.yaml, fingerprint: 00000000000000000000000000000000000000000000000000000000000000ff}",
			"{fingerprint: 00000000000000000000000000000000000000000000000000000000000000ff, public: keys/online.yaml}", 1), "image", map[string]string{"online": "x"}, "is spelled so that no command can change it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReplaceKeys([]byte(tt.text), tt.repository, tt.replace)
			if err == nil || fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
