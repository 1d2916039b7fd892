package roles

import (
	"bytes"
	"errors"
	"io/fs"
)

// maxRotations bounds the roots that one run follows (TUF 1.0.34 §5.3.3
// proposes 1024); clientRotations is what most clients follow at once.
const (
	maxRotations    = 1024
	clientRotations = 256
)

// stand begins with the trusted root.
func (c *Client) stand() {
	c.remembered = map[string]*File{}
	if c.seen == nil {
		c.report.add(c, "root", c.roots[0], []*Count{c.trusted})
	}
}

// keepRoot stays there: who verifies partially follows no chain.
func (c *Client) keepRoot() error {
	c.stand()
	return nil
}

// updateRoot follows the chain of roots to the newest one (Uptane Standard
// 2.1.0 §5.4.4.3, TUF 1.0.34 §5.3). Only that one's expiry counts.
func (c *Client) updateRoot() error {
	c.stand()
	c.remembered["root"] = c.load("root", TypeRoot)
	first := c.Root().Version
	for {
		newest := c.roots[len(c.roots)-1]
		next := c.Root().Version + 1
		if next-first > maxRotations {
			return refused(c.format.MetadataPath("root", next), "", EndlessData, "more than %d roots after the trusted one; run again from the newest", maxRotations)
		}
		file, err := c.read(TypeRoot, "root", Meta{Version: next, Length: -1})
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return err
		}
		if err := c.stepRoot(newest, file); err != nil {
			return err
		}
	}
	if n := c.Root().Version - first; n > clientRotations {
		c.note(NoteRoots, "root.json", "%d roots follow the trusted one; many clients take %d in one run and keep an old root until the next", n, clientRotations)
	}
	return c.endRoot()
}

// stepRoot takes root N+1 if a threshold of root N and a threshold of its own
// have signed it, and its version is N+1 exactly.
func (c *Client) stepRoot(old, file *File) error {
	before, err := rootAuthority(old, TypeRoot).check(file)
	if err != nil {
		return err
	}
	own, err := rootAuthority(file, TypeRoot).check(file)
	if err != nil {
		return err
	}
	want := HeadOf(old.Body).Version + 1
	switch got := HeadOf(file.Body).Version; {
	case got < want:
		return refused(file.Name, "signed.version", Rollback, "got %d, want %d", got, want)
	case got > want:
		return refused(file.Name, "signed.version", "", "got %d, want %d: roots follow one another without a gap", got, want)
	}
	return c.acceptRoot(file, before, own)
}

// acceptRoot compares a verified root with the remembered one. A chain that
// begins before that one is walked again, and must come to the same root:
// otherwise somebody shows different people different roots.
func (c *Client) acceptRoot(file *File, counts ...*Count) error {
	old := c.remembered["root"]
	if old == nil || HeadOf(file.Body).Version > HeadOf(old.Body).Version {
		return c.accept("root", file, counts...)
	}
	if HeadOf(file.Body).Version == HeadOf(old.Body).Version && !bytes.Equal(file.Signed, old.Signed) {
		return refused(file.Name, "", MixAndMatch, "it is not the root of version %d that was seen before", HeadOf(old.Body).Version)
	}
	c.trust("root", file, counts...)
	return nil
}

// endRoot judges the newest root: nothing newer was seen before, and it has
// not expired.
func (c *Client) endRoot() error {
	newest := c.roots[len(c.roots)-1]
	if err := c.checkRollback(newest, c.remembered["root"]); err != nil {
		return err
	}
	return c.checkExpiry(newest)
}
