// Command whole measures keyrite as a user meets it: whole processes of the real
// command on SoftHSM tokens, beside peers that do the same to the same images with
// keys in software. CPU seconds are those to judge by; ratios are of one run.
//
// Usage: whole [flags] WORK PEER…, after scripts/bench-whole.sh has built keyrite,
// floor and the peers. WORK is a folder that is removed first. A peer is NAME=COMMAND,
// called as
//
//	COMMAND add DIR OUT
//	COMMAND verify DIR
//
// DIR holds a published repository (metadata/) and the keys of its roles
// (keys/ROLE.der, PKCS #8, Ed25519). add takes it over: it loads the metadata, lists one
// image more, raises versions and expiry, signs targets, snapshot and timestamp,
// and writes them to OUT. verify does what a client does before it asks for an image.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == measuring {
		os.Exit(measureChild(os.Args[2:]))
	}
	b, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "whole:", err)
		os.Exit(2)
	}
	if err := b.all(); err != nil {
		fmt.Fprintln(os.Stderr, "whole:", err)
		os.Exit(1)
	}
}

// The jobs, as the table names them.
const (
	firstCeremony  = "first ceremony"
	oneAdded       = "one image added"
	makeBundle     = "bundle"
	verifyBundle   = "verify bundle"
	verifyFolder   = "verify folder"
	withImages     = ", images in it"
	verifyMetadata = "verify metadata"
	status         = "status"
	statusAfter    = "status after 2,000 ceremonies"
)

// Candidates that are no peers.
const (
	keyrite = "keyrite"
	floor   = "floor"
)

// Peers that goals speak of.
const (
	python = "python-tuf"
	goTUF  = "go-tuf v2"
)

// bench is the run.
type bench struct {
	work, keyrite, floor, module string
	images, delegations          []int
	rounds                       int
	gib                          bool
	peers                        []peer
	table                        *table
}

type peer struct{ name, command string }

func parse(arguments []string) (*bench, error) {
	b := &bench{table: newTable()}
	flags := flag.NewFlagSet("whole", flag.ExitOnError)
	flags.StringVar(&b.keyrite, "keyrite", "", "the command to measure")
	flags.StringVar(&b.floor, "floor", "", "the command ./bench/whole/floor")
	flags.StringVar(&b.module, "module", "", "path of the SoftHSM2 module")
	flags.IntVar(&b.rounds, "rounds", 3, "runs of what can be repeated; the median counts, of wall time the least")
	flags.BoolVar(&b.gib, "gib", true, "also a bundle of 1 GiB")
	images := flags.String("images", "1000,100000", "numbers of images, without delegations")
	delegations := flags.String("delegations", "20,200", "numbers of delegations, with 1,000 images")
	flags.Parse(arguments)
	if flags.NArg() < 1 {
		return nil, fmt.Errorf("WORK is missing")
	}
	for _, argument := range flags.Args()[1:] {
		name, command, ok := strings.Cut(argument, "=")
		if !ok {
			return nil, fmt.Errorf("peer is %q, want NAME=COMMAND", argument)
		}
		b.peers = append(b.peers, peer{name, command})
	}
	var errs [3]error
	b.work, errs[0] = filepath.Abs(flags.Arg(0))
	b.images, errs[1] = numbers(*images)
	b.delegations, errs[2] = numbers(*delegations)
	return b, errors.Join(errs[:]...)
}

// numbers reads a list with commas, which may be empty.
func numbers(list string) (found []int, err error) {
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of images or delegations", word)
		}
		found = append(found, n)
	}
	return found, nil
}

// all measures every scale. Where keyrite fails the others go on.
func (b *bench) all() error {
	var scales []scale
	for _, n := range b.images {
		scales = append(scales, scale{images: n})
	}
	for _, d := range b.delegations {
		scales = append(scales, scale{images: small.images, delegations: d}, scale{images: small.images, delegations: d, apart: true})
	}
	if b.gib {
		scales = append(scales, gib)
	}
	_, help, err := measure(b.keyrite, "run", "--help")
	if err != nil {
		return err
	}
	for _, s := range scales {
		w := &workspace{scale: s, dir: b.work, keyrite: b.keyrite, module: b.module,
			pinned: strings.Contains(string(help), "--plan-sha256")}
		if err := w.furnish(); err != nil {
			return err
		}
		err := b.scale(w)
		b.table.flush()
		if err != nil {
			return err
		}
	}
	b.table.goals()
	if n := b.table.refused; n > 0 {
		return fmt.Errorf("keyrite failed %d times, see above", n)
	}
	return nil
}

// scale measures one workspace. It ends where keyrite cannot go on.
func (b *bench) scale(w *workspace) error {
	s := w.scale
	if b.inTurn(s, 1, trial{keyrite, w.hash}) != nil || b.inTurn(s, 1, trial{keyrite, w.first}) != nil {
		return nil
	}
	adding := []trial{{keyrite, w.addOne}}
	if s.peersToo() {
		if err := s.writeRepository(w.path("peer")); err != nil {
			return err
		}
		for _, p := range b.peers {
			adding = append(adding, p.trial(oneAdded, "add", w.path("peer"), w.path("out")))
		}
	}
	if b.inTurn(s, b.roundsOf(s), adding...) != nil {
		return nil
	}
	if err := b.carry(w, ""); err != nil {
		return err
	}
	if s.delegations == 0 && s.images <= large.images {
		if err := b.carry(w, withImages); err != nil {
			return err
		}
	}
	return b.status(w)
}

// peersToo tells scales at which peers are measured: those with images only.
func (s scale) peersToo() bool { return s.delegations == 0 && s.size == 0 }

// roundsOf is one for what takes minutes.
func (b *bench) roundsOf(s scale) int {
	if s.images > large.images {
		return 1
	}
	return b.rounds
}

func (p peer) trial(job, verb string, folders ...string) trial {
	command := append(strings.Fields(p.command), verb)
	return process(p.name, job, append(command, folders...)...)
}

// process is a trial of one program.
func process(by, job string, command ...string) trial {
	return trial{by, func() ([]part, error) {
		s, _, err := measure(command...)
		return alone(job, s, err)
	}}
}

// status is measured with the few ceremonies that were held and with many copies of
// the last one, under other names.
func (b *bench) status(w *workspace) error {
	run := func(job string) {
		b.inTurn(w.scale, b.rounds, process(keyrite, job, b.keyrite, "-C", w.path("room"), "status"))
	}
	run(status)
	if w.scale != small {
		return nil
	}
	ceremonies, err := filepath.Glob(w.path("room/ceremonies/*"))
	if err != nil {
		return err
	}
	for i := range 2000 {
		last := ceremonies[len(ceremonies)-1]
		name := fmt.Sprintf("%s-image-%d", filepath.Base(last)[:len("2006-01-02")], i+1000)
		if err := os.CopyFS(w.path("room/ceremonies", name), os.DirFS(last)); err != nil {
			return err
		}
	}
	run(statusAfter)
	return nil
}
