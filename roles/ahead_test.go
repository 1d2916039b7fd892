package roles

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestReadAhead verifies many suppliers, some of them bad and some that delegate on,
// with the same outcome on one core as on many, and asks for each file once.
func TestReadAhead(t *testing.T) {
	for _, f := range Formats {
		r := wide(t, f, 3*readAhead)
		for i := 0; i < 3*readAhead; i += 40 {
			r.delegate(fmt.Sprintf("supplier-%05d", i), fmt.Sprintf("below-%d", i), 8, false, fmt.Sprintf("s%05d/b.bin", i)).Images = []Image{image(fmt.Sprintf("s%05d/b.bin", i))}
		}
		r.signers["supplier-00041"] = []byte{9}
		r.delegated["supplier-00300"].Expires = now
		r.publish()
		delete(r.files, f.MetadataPath("supplier-00170", 1))
		seen := map[string]bool{}
		for _, cores := range []int{1, 2, 16} {
			runtime.GOMAXPROCS(cores)
			r.asked = nil
			client, images, err := r.tolerant()
			if err != nil {
				t.Fatal(err)
			}
			seen[fmt.Sprintf("%d %s", len(images), client.Report())] = true
			if asked := slices.Sorted(slices.Values(r.asked)); len(slices.Compact(asked)) != len(r.asked) {
				t.Errorf("%s: %d files asked for, %d of them different", f.Name(), len(r.asked), len(asked))
			}
		}
		runtime.GOMAXPROCS(runtime.NumCPU())
		if len(seen) != 1 {
			t.Fatalf("%s: the outcome depends on the number of cores", f.Name())
		}
		for report := range seen {
			for _, role := range []string{"supplier-00041", "supplier-00170", "supplier-00300"} {
				if !strings.Contains(report, "delegated role "+role+" cannot be used") {
					t.Errorf("%s: %s is not lost", f.Name(), role)
				}
			}
			if want := fmt.Sprint(3*readAhead + 1 + 10 - 3); !strings.HasPrefix(report, want+" ") {
				t.Errorf("%s: got %.20s… images, want %s", f.Name(), report, want)
			}
		}
	}
}

// TestReadAheadEnds refuses the first of many suppliers: when All returns, nobody reads
// from the source any more.
func TestReadAheadEnds(t *testing.T) {
	r := wide(t, TUF, 3*readAhead)
	r.signers["supplier-00000"] = []byte{9}
	r.publish()
	source := &slow{Source: r}
	c, err := NewClient(r.files["1.root.json"], source, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Refresh(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.All(); err == nil || source.reading.Load() != 0 {
		t.Errorf("got %v, and %d still read", err, source.reading.Load())
	}
}

// slow takes its time for every file, and knows how many ask.
type slow struct {
	Source
	reading atomic.Int64
}

func (s *slow) Get(name string, limit int64) ([]byte, error) {
	s.reading.Add(1)
	defer s.reading.Add(-1)
	time.Sleep(time.Millisecond)
	return s.Source.Get(name, limit)
}
