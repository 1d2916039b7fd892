package life

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		flag.Set("rapid.checks", "24") // for make test
	}
	os.Exit(m.Run())
}

// histories counts those that came to their end.
var histories, ceremonies, together, delegating, refusals, signatures atomic.Int64

// TestLifeOnSoftHSM lives some on a real module, in helper processes.
func TestLifeOnSoftHSM(t *testing.T) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		if n++; n > real() {
			return
		}
		live(t, onSoftHSM)
	})
	t.Logf("%d of them on SoftHSM", min(n, real()))
}

// real is how many of the histories are lived on SoftHSM.
func real() int {
	if n, err := strconv.Atoi(os.Getenv("KEYRITE_LIFE_SOFTHSM")); err == nil {
		return n
	}
	return 2
}

// TestLife lives random lives on tokens in Go.
func TestLife(t *testing.T) {
	tokens := hsmtest.UseSoft(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		live(t, func(w *world) rig {
			label := fmt.Sprint("life-", n)
			tokens.Signed = w.witness
			w.write("../pin", hsmtest.PIN)
			return soft{tokens, tokens.Add(label), label}
		})
	})
	t.Logf("%d histories, %d ceremonies, %d of several sites, %d with a delegation, %d plans refused, %d signatures",
		histories.Load(), ceremonies.Load(), together.Load(), delegating.Load(), refusals.Load(), signatures.Load())
}

// live is one life: a first ceremony, and what comes.
func live(t *rapid.T, rigged func(w *world) rig) {
	w := newWorld(t, rigged)
	defer w.close()
	w.ceremony("")
	for range rapid.IntRange(2, 8).Draw(t, "events") {
		name := rapid.SampledFrom(names).Draw(t, "event")
		events[name](w)
		if !w.over && rapid.Bool().Draw(t, "a ceremony follows") {
			w.ceremony("")
		}
		if w.wrong != nil {
			t.Fatalf("after %q: %q", name, w.wrong)
		}
		if w.over {
			break
		}
	}
	histories.Add(1)
	ceremonies.Add(int64(w.held))
	together.Add(int64(w.together))
	if w.declared[supplier] != nil {
		delegating.Add(int64(w.held))
	}
	refusals.Add(int64(w.refused))
	signatures.Add(int64(w.written))
}

var names = slices.Sorted(maps.Keys(events))
