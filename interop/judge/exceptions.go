package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// exception is what some peers are known to get wrong, and why.
type exception struct {
	peers, cases []string
	why          string
}

// readExceptions reads lines of `PEER, …: CASE, …: WHY`. Empty lines and lines
// that begin with # are skipped.
func readExceptions(path string) ([]exception, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []exception
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, ": ", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s:%d: got %q, want `PEER, …: CASE, …: WHY`", path, n+1, line)
		}
		list = append(list, exception{strings.Split(parts[0], ", "), strings.Split(parts[1], ", "), parts[2]})
	}
	return list, nil
}

// covers says whether the peer is known to err on the case. keyrite has no
// exceptions.
func (e exception) covers(p peer, c string) bool {
	return p.name != own && slices.Contains(e.peers, p.name) && slices.Contains(e.cases, c)
}

// leftOut stands in place of a case for a peer whose build is known to fail.
const leftOut = "left out"

// compare fails for every verdict that is not the expected one, and for a peer
// that is lost although its toolchain is there.
func (t *trial) compare(known []exception) error {
	var faults []error
	for _, a := range t.left {
		if !errors.Is(a.err, errNoTool) && !slices.ContainsFunc(known, func(e exception) bool { return e.covers(a.peer, leftOut) }) {
			faults = append(faults, fmt.Errorf("%s is left out: %w", a.peer.name, a.err))
		}
	}
	for i, c := range t.cases {
		for j, p := range t.peers {
			v := t.said[i][j]
			if v == nil {
				continue
			}
			errs := v.accepts != c.Good
			if errs != slices.ContainsFunc(known, func(e exception) bool { return e.covers(p, c.Name) }) {
				faults = append(faults, fmt.Errorf("%s %s %s (%s), unlike what exceptions.txt says; %s", p.name, v.word(), c.Name, c.Says, v.reason))
			}
		}
	}
	return errors.Join(faults...)
}
