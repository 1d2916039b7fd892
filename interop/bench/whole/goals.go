package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"
	"time"
)

// goal is a bound on a number that the table gives.
type goal struct {
	what  string
	got   float64
	bound string
	want  float64
}

const (
	atMost  = "at most"
	atLeast = "at least"
)

// The scales that goals speak of.
var (
	small   = scale{images: 1000}
	large   = scale{images: 100_000}
	million = scale{images: 1_000_000}
	few     = scale{images: 1000, delegations: 20}
	many    = scale{images: 1000, delegations: 200}

	fewApart  = scale{images: 1000, delegations: 20, apart: true}
	manyApart = scale{images: 1000, delegations: 200, apart: true}

	gib = scale{images: 64, size: 16 << 20}
)

// goals prints the bounds and what was measured.
func (t *table) goals() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprint(w, "| goal\t| got\t| want\t| \t|\n|-\t|-\t|-\t|-\t|\n")
	for _, g := range []goal{
		{"one image added to 100,000: CPU, × python-tuf", t.cpu(large, oneAdded, keyrite) / t.cpu(large, oneAdded, python), atMost, 0.5},
		{"first ceremony, 200 delegations: CPU s", t.cpu(many, firstCeremony, keyrite), atMost, 10},
		{"first ceremony, 100,000 images: CPU s", t.cpu(large, firstCeremony, keyrite), atMost, 5},
		{"first ceremony, 200 delegations, a token each: CPU s", t.cpu(manyApart, firstCeremony, keyrite), atMost, 10},
		{"first ceremony, one delegation more on one token: CPU from 20 to 200, × from 0 to 20", t.each(few, many) / t.each(small, few), atMost, 1.25},
		{"first ceremony, one delegation and token more: CPU from 20 to 200, × from 0 to 20", t.each(fewApart, manyApart) / t.each(small, fewApart), atMost, 1.25},
		{"first ceremony, one image more: CPU from 100,000 to 1,000,000, × from 1,000 to 100,000", t.each(large, million) / t.each(small, large), atMost, 1.25},
		{"verify of a folder, 100,000 images elsewhere: CPU, × floor", t.timesFloor(large, verifyFolder), atMost, 1.5},
		{"verify of a folder, 100,000 images in it: CPU, × floor", t.timesFloor(large, verifyFolder+withImages), atMost, 1.5},
		{"verify of the metadata of 100,000 images: CPU, × floor", t.timesFloor(large, verifyMetadata), atMost, 1.5},
		{"verify of the metadata of 100,000 images: wall time of go-tuf v2, × keyrite's", t.wall(large, verifyMetadata, goTUF) / t.wall(large, verifyMetadata, keyrite), atLeast, 50},
		{"verify of a bundle of 1 GiB: CPU, × two digest passes", t.timesFloor(gib, verifyBundle+withImages), atMost, 1.5},
		{"status after 2,000 ceremonies: CPU s more", t.cpu(small, statusAfter, keyrite) - t.cpu(small, status, keyrite), atMost, 0.1},
	} {
		g.print(w)
	}
	w.Flush()
}

func (g goal) print(w io.Writer) {
	verdict := "missed"
	if math.IsNaN(g.got) {
		verdict = "not measured"
	} else if g.bound == atMost && g.got <= g.want || g.bound == atLeast && g.got >= g.want {
		verdict = "met"
	}
	fmt.Fprintf(w, "| %s\t| %.2f\t| %s %g\t| %s\t|\n", g.what, g.got, g.bound, g.want, verdict)
}

// cpu is in seconds; not a number when it was not measured.
func (t *table) cpu(s scale, job, by string) float64 {
	return t.seconds(s, job, by, func(s sample) time.Duration { return s.cpu })
}

// wall is as cpu.
func (t *table) wall(s scale, job, by string) float64 {
	return t.seconds(s, job, by, func(s sample) time.Duration { return s.wall })
}

func (t *table) seconds(s scale, job, by string, of func(sample) time.Duration) float64 {
	found, ok := t.found[key{s, job, by}]
	if !ok {
		return math.NaN()
	}
	return of(found).Seconds()
}

func (t *table) timesFloor(s scale, job string) float64 {
	return t.cpu(s, job, keyrite) / t.cpu(s, job, floor)
}

// each is what one image or delegation more adds to the first ceremony, in seconds of
// CPU.
func (t *table) each(from, to scale) float64 {
	more := to.images - from.images + to.delegations - from.delegations
	return (t.cpu(to, firstCeremony, keyrite) - t.cpu(from, firstCeremony, keyrite)) / float64(more)
}
