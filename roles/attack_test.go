package roles

import (
	"regexp"
	"strings"
	"testing"
)

// attack bends one thing of an honest repository.
type attack struct {
	name   string
	format Format // nil for both
	bend   func(r *repo)
	want   string // the refusal, as plainly puts it
}

// test demands that the honest repository is taken and the bent one is not.
// Where stateful, the client remembers the honest one.
func (a attack) test(t *testing.T, stateful bool) {
	for _, f := range Formats {
		if a.format != nil && a.format != f {
			continue
		}
		t.Run(a.name+"/"+f.Name(), func(t *testing.T) {
			r := newRepo(t, f)
			r.timestamp.Version, r.snapshot.Version, r.targets.Version = 5, 5, 5
			r.delegate("targets", "firmware", 7, false, "fw/*").Images = []Image{image("fw/a.bin")}
			var state State
			if stateful {
				state = memory{}
			}
			if _, err := r.publish().verify(state); err != nil {
				t.Fatalf("the honest repository is refused: %v", err)
			}
			a.bend(r)
			_, err := r.verify(state)
			if got := plainly(err); got != a.want {
				t.Errorf("got\n%s\nwant\n%s", got, a.want)
			}
		})
	}
}

var (
	anyID      = regexp.MustCompile(`[0-9a-f]{64,}`)
	anyVersion = regexp.MustCompile(`[0-9]+\.([a-z]+\.json)`)
	anySize    = regexp.MustCompile(`(byte|has|want at most|bytes, want) [0-9]+`)
)

// plainly leaves out of a refusal what differs between the formats: key ids
// and digests, numbers before names, sizes and offsets, the folder.
func plainly(err error) string {
	if err == nil {
		return "no error"
	}
	text := anyID.ReplaceAllString(err.Error(), "ID")
	text = anyVersion.ReplaceAllString(text, "$1")
	text = anySize.ReplaceAllString(text, "$1 N")
	return strings.ReplaceAll(text, "delegations/", "")
}

func TestAttacks(t *testing.T) {
	for _, list := range [][]attack{keyAttacks, thresholdAttacks, rootAttacks, staleAttacks, mixAttacks, endlessAttacks} {
		for _, a := range list {
			a.test(t, false)
		}
	}
}
