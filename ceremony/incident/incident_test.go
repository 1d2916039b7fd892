package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/workspace"
)

const trustYAML = `version: 1
fleet: test
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: a}
      root-b: {type: ed25519, custodian: b}
      root-c: {type: ed25519, custodian: c}
      targets-a: {type: ed25519, custodian: d}
      snapshot-a: {type: ed25519, custodian: e}
      timestamp-a: {type: ed25519, custodian: e}
      acme-1: {public: keys/acme-1.yaml}
    roles:
      root: {keys: [root-a, root-b, root-c], threshold: 2, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    delegations:
      - {role: acme, keys: [acme-1], threshold: 1, paths: ["acme/*"], expires: 90d}
  director:
    format: tuf
    policy: tuf
    keys:
      director-root: {type: ed25519, custodian: a}
      online: {public: keys/online.yaml}
    roles:
      root: {keys: [director-root], threshold: 1, expires: 365d}
      targets: {keys: [online], threshold: 1, expires: 1d}
      snapshot: {keys: [online], threshold: 1, expires: 1d}
      timestamp: {keys: [online], threshold: 1, expires: 1d}
`

const siteYAML = `version: 1
site: main
modules: {soft: {path: /soft.so, sha256: 00000000000000000000000000000000000000000000000000000000000000ff}}
tokens: {officer-a: {module: soft, uri: "pkcs11:token=a", pin: ask}, empty: {module: soft, uri: "pkcs11:token=b", pin: ask}}
keys: {root-a: officer-a, director-root: officer-a}
`

func files(t *testing.T) (*workspace.Trust, *workspace.Site) {
	t.Helper()
	trust, err := workspace.ParseTrust("trust.yaml", []byte(trustYAML))
	if err != nil {
		t.Fatal(err)
	}
	site, err := workspace.ParseSite("site.yaml", []byte(siteYAML), "/")
	if err != nil {
		t.Fatal(err)
	}
	return trust, site
}

// TestFind names the runbook of the worst that a theft means, and the plans.
func TestFind(t *testing.T) {
	trust, site := files(t)
	for _, tt := range []struct{ about, happened, of, want string }{
		{"key", "lost", "root-b", "lost-token [keyrite plan image --lost root-b]"},
		{"key", "lost", "officer-a", "lost-token [keyrite plan image --lost root-a keyrite plan director --lost director-root]"},
		{"key", "stolen", "root-b", "root-key-stolen [keyrite plan image --stolen root-b]"},
		{"key", "stolen", "root-b,root-c", "root-threshold-stolen [keyrite plan image --stolen root-b,root-c]"},
		{"key", "stolen", "officer-a", "root-threshold-stolen [keyrite plan image --stolen root-a keyrite plan director --stolen director-root]"},
		{"key", "stolen", "targets-a", "targets-key-stolen [keyrite plan image --stolen targets-a]"},
		{"key", "stolen", "targets-a,root-a", "root-key-stolen [keyrite plan image --stolen root-a,targets-a]"},
		{"key", "stolen", "snapshot-a", "fast-forward [keyrite plan image --stolen snapshot-a]"},
		{"key", "stolen", "online", "director-keys-stolen [keyrite plan director --stolen online]"},
		{"key", "stolen", "acme-1", "supplier-key-stolen [keyrite plan image --stolen acme-1]"},
		{"supplier", "stolen", "acme-1", "supplier-key-stolen [keyrite plan image --stolen acme-1]"},
		{"change", "expires", "root", "yearly-renewal [keyrite plan image --renew root keyrite plan director --renew root]"},
		{"change", "expires", "timestamp,acme", "signed-again-before-expiry [keyrite plan image --renew acme,timestamp keyrite plan director --renew timestamp]"},
		{"machine", "disk", "", "restore-from-backup []"},
	} {
		c := Case{About: tt.about, Happened: tt.happened}
		if tt.of != "" {
			c.Of = strings.Split(tt.of, ",")
		}
		f, err := c.Find(trust, site)
		if err != nil {
			t.Errorf("%+v: %v", tt, err)
		} else if got := fmt.Sprint(f.Runbook, " ", f.Commands); got != tt.want {
			t.Errorf("%+v\ngot  %s\nwant %s", tt, got, tt.want)
		}
	}
	for of, want := range map[string]string{"root-z": "root-z: trust.yaml declares no such key", "empty": "none: trust.yaml declares no such key"} {
		_, err := (&Case{About: "key", Happened: "stolen", Of: []string{of}}).Find(trust, site)
		ceremonytest.WantError(t, err, fault.Usage, want)
	}
	_, err := (&Case{About: "change", Happened: "expires", Of: []string{"mirrors"}}).Find(trust, site)
	ceremonytest.WantError(t, err, fault.Usage, "mirrors: no repository has such a role")
}

// TestThefts has every runbook of a theft in their order.
func TestThefts(t *testing.T) {
	for _, list := range situations {
		for _, s := range list {
			if s.runbook == "" && s.of == "" {
				t.Errorf("%s leads nowhere", s.word)
			}
			if strings.HasSuffix(s.runbook, "stolen") && !slices.Contains(thefts, s.runbook) {
				t.Errorf("%s has no place among the thefts", s.runbook)
			}
		}
	}
}

// answers is somebody at a terminal, or nobody.
type answers struct {
	prompt.Prompter
	lines []string
}

func (a *answers) Asks() bool { return a.lines != nil }

func (a *answers) Line(context.Context, string) (string, error) {
	line := a.lines[0]
	a.lines = a.lines[1:]
	return line, nil
}

// TestAsk asks three questions, and none that a flag has answered.
func TestAsk(t *testing.T) {
	for _, tt := range []struct {
		given Case
		lines []string
		want  string
	}{
		{Case{}, []string{"9", "key", "2", "root-a, root-b"}, "{key stolen [root-a root-b]}"},
		{Case{About: "key"}, []string{"1", "root-a"}, "{key lost [root-a]}"},
		{Case{}, []string{"5", "died"}, "{machine died []}"},
		{Case{About: "key", Happened: "lost", Of: []string{"root-a"}}, nil, "{key lost [root-a]}"},
		{Case{}, nil, `--about is "", want one of key, supplier, software, people, machine, change`},
		{Case{About: "key", Happened: "eaten"}, []string{}, `--happened is "eaten", want one of lost, stolen`},
		{Case{About: "key", Happened: "lost"}, nil, "--of is missing: which keys, or tokens, with commas between them"},
		{Case{}, []string{""}, "nothing was chosen"},
	} {
		c := tt.given
		err := c.Ask(t.Context(), &answers{&ceremonytest.Person{}, tt.lines})
		if got := fmt.Sprint(c); err != nil {
			got = err.Error()
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		} else if got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
