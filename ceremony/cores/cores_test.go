package cores

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		var workers atomic.Int64
		done := make([]int, n)
		err := Each(n, func() func(int) error {
			workers.Add(1)
			return func(i int) error { done[i]++; return nil }
		})
		if err != nil || int(workers.Load()) != min(n, runtime.GOMAXPROCS(0)) {
			t.Errorf("%d: %d workers, %v", n, workers.Load(), err)
		}
		for i, times := range done {
			if times != 1 {
				t.Errorf("%d of %d was done %d times", i, n, times)
			}
		}
	}
}

// TestEachFails holds that the lowest error wins also when it comes last, and
// that whatever comes before it is done.
func TestEachFails(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	const n, lowest = 10_000, 100
	done := make([]bool, n)
	later := make(chan struct{})
	err := Each(n, func() func(int) error {
		return func(i int) error {
			done[i] = true
			switch {
			case i == lowest:
				<-later
			case i == lowest+1:
				defer close(later)
			case i < lowest:
				return nil
			}
			return fmt.Errorf("%d", i)
		}
	})
	if err == nil || err.Error() != fmt.Sprint(lowest) {
		t.Errorf("got %v, want %d", err, lowest)
	}
	for i := range lowest {
		if !done[i] {
			t.Errorf("%d was not done", i)
		}
	}
	if done[n-1] {
		t.Error("all was done")
	}
}

func TestTheLowestFailureCounts(t *testing.T) {
	e := each{failed: 10}
	for _, i := range []int{5, 7, 2, 9} {
		e.fail(i, fmt.Errorf("%d", i))
	}
	if e.err.Error() != "2" {
		t.Errorf("got %v", e.err)
	}
}

func TestEachWithOneCore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want, last := errors.New("two"), -1
	err := Each(5, func() func(int) error {
		return func(i int) error {
			last = i
			if i == 2 {
				return want
			}
			return nil
		}
	})
	if err != want || last != 2 {
		t.Errorf("got %v after %d", err, last)
	}
}
