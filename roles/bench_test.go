package roles

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// fleetOf lists n images in about 330 bytes each, as a large fleet has them.
func fleetOf(n int) *Targets {
	t := &Targets{Head: Head{Version: 1, Expires: now.AddDate(1, 0, 0)}, Images: make([]Image, n)}
	for i := range t.Images {
		t.Images[i] = Image{
			Path: fmt.Sprintf("ecu-%03d/firmware-%07d.bin", i*1000/n, i), Length: int64(1<<20 + i),
			Hashes: HashesOf(binary.BigEndian.AppendUint64(nil, uint64(i))),
			Custom: fmt.Appendf(nil, `{"hardwareIds":["ecu-%03d"],"releaseCounter":%d}`, i*1000/n, i),
		}
	}
	return t
}

var sizes = []int{1000, 10_000, 100_000}

func BenchmarkEncode(b *testing.B) {
	for _, n := range sizes {
		body := fleetOf(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				draft, err := Encode(TUF, body)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(draft.JSON)))
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range sizes {
		data := sealed(b, fleetOf(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Read(TUF, TypeTargets, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func sealed(b *testing.B, body Body) []byte {
	draft, err := Encode(TUF, body)
	if err != nil {
		b.Fatal(err)
	}
	k, private := testKey(b, TUF, 1)
	data, err := draft.Seal([]SignedBy{{k, ed25519.Sign(private, draft.Signed)}})
	if err != nil {
		b.Fatal(err)
	}
	return data
}

func BenchmarkSeal(b *testing.B) {
	draft, err := Encode(TUF, fleetOf(100_000))
	if err != nil {
		b.Fatal(err)
	}
	var signatures []SignedBy
	for n := range byte(2) {
		k, private := testKey(b, TUF, n)
		signatures = append(signatures, SignedBy{k, ed25519.Sign(private, draft.Signed)})
	}
	b.SetBytes(int64(len(draft.JSON)))
	for b.Loop() {
		if _, err := draft.Seal(signatures); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFacts(b *testing.B) {
	image := fleetOf(1).Images[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := image.Facts(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAll finds every image of a supplier among 200, as `keyrite verify`
// does.
func BenchmarkAll(b *testing.B) {
	r := newRepo(b, TUF)
	for i := range 200 {
		r.delegate("targets", fmt.Sprintf("supplier-%03d", i), 7, false, fmt.Sprintf("ecu-%03d/*", i))
	}
	r.delegated["supplier-199"].Images = fleetOf(10_000).Images
	r.targets.Delegations.Roles[199].Paths = []string{"ecu-*/*"}
	r.publish()
	for b.Loop() {
		if c, err := r.verify(nil); err != nil || c.Report().Images != 10_001 {
			b.Fatal(c.Report().Images, err)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	old, new := fleetOf(100_000), fleetOf(100_000)
	for i := range 100 {
		new.Images[i*1000].Length++
	}
	for b.Loop() {
		if changes := Diff(old, new, DiffOptions{}); len(changes) != 100 {
			b.Fatal(len(changes))
		}
	}
}

// BenchmarkWide verifies a repository of many suppliers, a file and an image
// each, beside the floor: one check of an Ed25519 signature for each file, on all
// cores, and nothing else.
func BenchmarkWide(b *testing.B) {
	for _, n := range []int{2000, 8000, 32_000} {
		r := wide(b, TUF, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			defer cpu(b)()
			for b.Loop() {
				if c, err := r.verify(nil); err != nil || c.Report().Images != n+1 {
					b.Fatal(c.Report().Images, err)
				}
			}
		})
		files := parsed(b, r)
		key := r.keys(7)[0].Public.(ed25519.PublicKey)
		b.Run(fmt.Sprintf("%d/floor", n), func(b *testing.B) {
			defer cpu(b)()
			for b.Loop() {
				onAllCores(n, func(i int) {
					if file := files[i]; !ed25519.Verify(key, file.Signed, file.Signatures[0].Value) {
						b.Fail()
					}
				})
			}
		})
	}
}

// cpu measures what a benchmark takes of all cores, which a loaded machine changes less
// than the time on the wall: seconds of CPU for each round.
func cpu(b *testing.B) (done func()) {
	used := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	}
	before := used()
	return func() { b.ReportMetric((used()-before)/float64(b.N), "cpu-s/op") }
}

// parsed are the files of a repository's delegated roles.
func parsed(b *testing.B, r *repo) (files []*File) {
	for role := range r.delegated {
		file, err := Read(r.f, TypeTargets, r.files[r.f.MetadataPath(role, 1)])
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// BenchmarkFindWide finds an image of each supplier after that, which is what
// grew with the square of their number.
func BenchmarkFindWide(b *testing.B) {
	for _, n := range []int{2000, 8000, 32_000} {
		c, err := wide(b, TUF, n).verify(nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				clear(c.tried)
				for i := range n {
					if _, _, err := c.Find(fmt.Sprintf("s%05d/a.bin", i)); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkPatterns finds the images of one role that goes by as many patterns.
func BenchmarkPatterns(b *testing.B) {
	for name, shape := range map[string]string{"folders": "p%05d/*", "suffixes": "*-%05d.bin"} {
		r := newRepo(b, TUF)
		a := r.delegate("targets", "a", 7, false)
		for i := range 8000 {
			a.Images = append(a.Images, image(strings.Replace(fmt.Sprintf(shape, i), "*", "x", 1)))
			r.targets.Delegations.Roles[0].Paths = append(r.targets.Delegations.Roles[0].Paths, fmt.Sprintf(shape, i))
		}
		slices.SortFunc(a.Images, func(a, b Image) int { return strings.Compare(a.Path, b.Path) })
		r.publish()
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if c, err := r.verify(nil); err != nil || c.Report().Images != 8001 {
					b.Fatal(c.Report().Images, err)
				}
			}
		})
	}
}

// BenchmarkChain refuses a chain of 12,000 delegations.
func BenchmarkChain(b *testing.B) {
	r := chain(b, TUF, 12_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.verify(nil); err == nil {
			b.Fatal("the chain is taken")
		}
	}
}
