package roles

import (
	"errors"
	"io/fs"
)

// load reads a file from the State. A damaged one is noted and counts as
// absent, so that no State can keep a client from updating (Uptane Standard
// 2.1.0 §5.4.4).
func (c *Client) load(role string, t Type) *File {
	if c.State == nil {
		return c.seen[role]
	}
	name := fileName(role)
	data, err := c.State.Load(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var file *File
	if err == nil {
		file, err = Read(c.format, t, data)
	}
	if err != nil {
		c.note(NoteState, name, "the remembered %s is ignored: %v", name, err)
		return nil
	}
	file.Name = name
	return file
}

// recall loads the remembered timestamp, snapshot and targets. They count only
// while they meet the thresholds of the newest root. If that replaced the keys
// of timestamp or snapshot, both are forgotten: so a repository recovers from
// version numbers that an attacker drove up (Uptane Standard 2.1.0 §5.4.4.3
// step 4, TUF 1.0.34 §5.3.11).
func (c *Client) recall() error {
	var replaced []string
	for _, t := range []Type{TypeTimestamp, TypeSnapshot, TypeTargets} {
		role := string(t)
		file := c.load(role, t)
		if file == nil {
			continue
		}
		if _, err := rootAuthority(c.files["root"], t).check(file); err == nil {
			c.remembered[role] = file
		} else if t != TypeTargets {
			replaced = append(replaced, role)
		}
	}
	if len(replaced) > 0 {
		c.note(NoteReplaced, "", "the keys of %v were replaced: the remembered timestamp and snapshot are forgotten", replaced)
		delete(c.remembered, "timestamp")
		delete(c.remembered, "snapshot")
	}
	return nil
}

// reuse returns a remembered file if it still is the one that its referrer
// names, and the client may take it.
func (c *Client) reuse(old *File, meta Meta) *File {
	if !c.Reuse || old == nil || !c.Now.Before(HeadOf(old.Body).Expires) {
		return nil
	}
	if HeadOf(old.Body).Version != meta.Version || meta.checkPublished(old) != nil {
		return nil
	}
	return old
}
