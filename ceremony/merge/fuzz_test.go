package merge

import (
	"bytes"
	"path"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/plan"
)

// FuzzParcel reads whatever a stick brings. What is taken is spelled as it was read, of
// this very plan, and of it nothing leads out of the folder of one site.
func FuzzParcel(f *testing.F) {
	b := bag{plan: &plan.Plan{Ceremony: "2026-11-23-image-1"}}
	good := `{"keyrite-parcel":1,"ceremony":"2026-11-23-image-1","plan":"` + strings.Repeat("0", 64) + `","site":"geneva","files":[{"path":"transcript.jsonl","text":"{}\n"},{"path":"keys/root-b.yaml","text":"name: root-b\n"},{"path":"signatures/09-root-root-b.json","text":"{}"}]}` + "\n"
	f.Add([]byte(good))
	for _, change := range [][2]string{
		{"geneva", "../munich"}, {"transcript.jsonl", "../../x"}, {"keys/root-b.yaml", "transcript.jsonl"}, {"2026", "2025"}, {":1,", ":2,"},
		{"}\n", "}\r\n"}, {`"site"`, `"Site"`}, {"00", "0A"}, {"{}", `\u0000`},
	} {
		f.Add([]byte(strings.Replace(good, change[0], change[1], 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b := b
		b.places = map[string]int{}
		if b.parcel("stick.json", data) != nil {
			return
		}
		p, err := parseParcel("stick.json", data)
		if err != nil || p.Ceremony != b.plan.Ceremony || p.Plan != b.sum {
			t.Fatalf("taken, though %v: %+v", err, p)
		}
		again, err := p.encode()
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("it has another spelling: %q, %v", again, err)
		}
		if len(b.left) > 0 {
			t.Errorf("left %q", b.left)
		}
		for _, i := range b.items {
			if !disk.Names.MatchString(i.site) || path.Clean(i.rel) != i.rel || strings.HasPrefix(i.rel, "..") || strings.Count(i.rel, "/") > 1 {
				t.Errorf("%q of site %q leads out", i.rel, i.site)
			}
			if err := disk.CheckPath(i.rel); err != nil {
				t.Error(err)
			}
		}
	})
}
