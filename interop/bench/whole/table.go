package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// key names one line of the table.
type key struct {
	scale
	job, by string
}

// table keeps what was measured and prints it scale by scale.
type table struct {
	found   map[key]sample
	fresh   []key // not yet printed
	failed  []string
	refused int // failures of keyrite
}

func newTable() *table { return &table{found: make(map[key]sample)} }

func (t *table) add(k key, s sample) {
	t.found[k] = s
	t.fresh = append(t.fresh, k)
}

func (t *table) fail(s scale, by string, err error) {
	if by == keyrite {
		t.refused++
	}
	t.failed = append(t.failed, fmt.Sprintf("%s images, %s delegations, %s: %s", s, s.shown(), by, strings.ReplaceAll(err.Error(), "\n", " ")))
}

// flush prints the lines of one scale in Markdown, and what failed.
func (t *table) flush() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprint(w, "| images\t| delegations\t| job\t| by\t| CPU s\t| wall s\t| peak MB\t| × python-tuf adding one\t| × floor\t|\n")
	fmt.Fprint(w, "|-\t|-\t|-\t|-\t|-\t|-\t|-\t|-\t|-\t|\n")
	for _, k := range t.fresh {
		s := t.found[k]
		fmt.Fprintf(w, "| %s\t| %s\t| %s\t| %s\t| %.3f\t| %.3f\t| %d\t| %s\t| %s\t|\n", k.scale, k.shown(), k.job, k.by,
			s.cpu.Seconds(), s.wall.Seconds(), s.rss>>20, t.times(k, key{scale{images: k.images}, oneAdded, python}), t.times(k, key{k.scale, k.job, floor}))
	}
	w.Flush()
	for _, f := range t.failed {
		fmt.Println("\nfailed:", f)
	}
	fmt.Println()
	t.fresh, t.failed = nil, nil
}

// times is how often the CPU seconds of other go into those of k; empty when other was
// not measured.
func (t *table) times(k, other key) string {
	s, ok := t.found[other]
	if !ok || k == other || k.size != 0 && other.size == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", t.found[k].cpu.Seconds()/s.cpu.Seconds())
}
