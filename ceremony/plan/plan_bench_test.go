package plan

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// BenchmarkPlan plans the first ceremony of a large workspace, 100,000 images
// and 200 delegations, and reports how much of the time all policy checks take.
func BenchmarkPlan(b *testing.B) {
	ws := largeWorkspace(b, 100_000, 200)
	defer ws.Close()
	var planning, checking time.Duration
	for b.Loop() {
		start := time.Now()
		d, err := newDerivation(ws, Request{Repository: "image", Now: testNow})
		if err != nil {
			b.Fatal(err)
		}
		for _, role := range d.repo.Order() {
			if err := d.consider(role); err != nil {
				b.Fatal(err)
			}
		}
		if err := d.number(); err != nil {
			b.Fatal(err)
		}
		if err := d.pin(); err != nil {
			b.Fatal(err)
		}
		planning += time.Since(start)
		start = time.Now()
		if err := d.checkPolicy(); err != nil {
			b.Fatal(err)
		}
		checking += time.Since(start)
	}
	b.ReportMetric(100*float64(checking)/float64(planning), "%policy")
}

// largeWorkspace has public keys in software for everything, since plan asks no
// token.
func largeWorkspace(b *testing.B, images, delegations int) *workspace.Workspace {
	b.Helper()
	dir := b.TempDir()
	ws, err := workspace.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	var keys, site, delegated strings.Builder
	key := func(name string) {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		record, err := workspace.NewKeyRecord(name, public, testNow)
		if err != nil {
			b.Fatal(err)
		}
		if err := ws.AddKey(record); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&keys, "      %s: {public: keys/%s.yaml}\n", name, name)
		fmt.Fprintf(&site, "  %s: t\n", name)
	}
	for _, role := range workspace.TopLevel {
		key(role + "-a")
	}
	for i := range delegations {
		name := fmt.Sprintf("supplier-%d", i)
		key(name)
		fmt.Fprintf(&delegated, "      - {role: %s, keys: [%s], threshold: 1, paths: [\"%s/*\"], expires: 90d}\n", name, name, name)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write(workspace.TrustFile, `version: 1
fleet: large
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
`+keys.String()+`    roles:
      root: {keys: [root-a], threshold: 1, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d, images: images.yaml}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    waivers:
      - {check: ROOT-CUSTODY, reason: bench, person: bench}
    delegations:
`+delegated.String())
	write(workspace.SiteFile, "version: 1\nmodules:\n  m: {path: /none.so}\ntokens:\n  t: {module: m, uri: \"pkcs11:serial=1\", pin: ask}\nkeys:\n"+site.String())
	writeImages(b, filepath.Join(dir, "images.yaml"), images)
	return ws
}

func writeImages(b *testing.B, name string, n int) {
	b.Helper()
	list := &images.List{}
	for i := range n {
		content := fmt.Appendf(nil, "image %d", i)
		long := images.Sha512Hex(sha512.Sum512(content))
		list.Images = append(list.Images, images.Image{
			Path: fmt.Sprintf("ecu-%03d/firmware-%07d.bin", i%500, i), Length: int64(len(content)),
			SHA256: sha256.Sum256(content), SHA512: &long,
			Custom: fmt.Appendf(nil, `{"hardwareIds":["ecu-%d"],"releaseCounter":%d}`, i%500, i/500),
		})
	}
	list.Sort()
	file, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if err := list.Write(file); err != nil {
		b.Fatal(err)
	}
}
