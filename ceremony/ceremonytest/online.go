package ceremonytest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// GiveToServer makes keys of trust.yaml those of a server: public ones that no site
// holds.
func (s *Software) GiveToServer(keys ...string) {
	s.T.Helper()
	for _, key := range keys {
		s.AddKeys(key)
		s.Declare(key, fmt.Sprintf("{public: keys/%s.yaml, fingerprint: %s}", key, Fingerprint(s.T, key)))
		if held := key + ": all"; strings.Contains(s.Read(workspace.SiteFile), held) {
			s.Edit(workspace.SiteFile, ", "+held, "")
		}
	}
}

// Declare writes the declaration of a key in trust.yaml anew.
func (s *Software) Declare(key, declaration string) {
	s.T.Helper()
	lines, found := strings.Split(s.Read(workspace.TrustFile), "\n"), false
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), key+": {") {
			lines[i], found = "      "+key+": "+declaration, true
		}
	}
	if !found {
		s.T.Fatalf("trust.yaml declares no %s", key)
	}
	s.Write(workspace.TrustFile, strings.Join(lines, "\n"))
}

// Replace puts a new key of a server in the place of another one in trust.yaml.
func (s *Software) Replace(old, new string) {
	s.T.Helper()
	s.Write(workspace.TrustFile, strings.ReplaceAll(s.Read(workspace.TrustFile), old, new))
	s.GiveToServer(new)
}

// Serve puts the server's snapshot and timestamp of these versions in place, signed by
// the keys that trust.yaml names.
func (s *Software) Serve(snapshot, timestamp int64) {
	s.T.Helper()
	trust, err := s.Open().Trust()
	if err != nil {
		s.T.Fatal(err)
	}
	repo := trust.Repositories["image"]
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		s.T.Fatal(err)
	}
	server := Server{Dir: s.Path("image/metadata"), Format: format, Now: s.Now}
	list, err := server.Snapshot()
	if err == nil {
		err = server.Sign(list, snapshot, repo.Roles["snapshot"].Keys...)
	}
	if err != nil {
		s.T.Fatal(err)
	}
	stamp, err := server.Timestamp()
	if err == nil {
		err = server.Sign(stamp, timestamp, repo.Roles["timestamp"].Keys...)
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

// Remove takes files of the workspace away.
func (s *Software) Remove(names ...string) {
	s.T.Helper()
	for _, name := range names {
		if err := os.Remove(s.Path(name)); err != nil {
			s.T.Fatal(err)
		}
	}
}

// OnlineDirector is a second repository, whose targets a server signs.
const OnlineDirector = `  director:
    format: ota-ce
    policy: uptane-director
    keys:
      director-root: {type: ed25519, custodian: a}
      director-online: {public: keys/director-online.yaml}
    roles:
      root: {keys: [director-root], threshold: 1, expires: 365d}
      targets: {keys: [director-online], threshold: 1, expires: 1d}
      snapshot: {keys: [director-online], threshold: 1, expires: 1d}
      timestamp: {keys: [director-online], threshold: 1, expires: 1d}
`

// HalfOffline is a signed workspace whose snapshot and timestamp a server signs, and the
// server has signed versions 7 and 40.
func HalfOffline(t testing.TB) *Software {
	s := NewSoftware(t)
	s.GiveToServer("snapshot-a", "timestamp-a")
	s.CarryOut(plan.Request{})
	s.Serve(7, 40)
	return s
}
