package roles

import (
	"errors"
	"io/fs"
)

// updateTimestamp verifies the timestamp (Uptane Standard 2.1.0 §5.4.4.4, TUF
// 1.0.34 §5.4). One of the remembered version says nothing new and the
// remembered one stays.
func (c *Client) updateTimestamp() error {
	if c.withheld(TypeTimestamp) {
		return nil
	}
	file, err := c.read(TypeTimestamp, "timestamp", Meta{Length: -1})
	if errors.Is(err, fs.ErrNotExist) && c.Director && c.format.director().targetsAlone {
		c.note(NoteFreshness, "timestamp.json", "the Director has no timestamp: nothing says how fresh its targets are; vehicles of this format do not read it")
		return nil
	}
	if err != nil {
		return err
	}
	by := rootAuthority(c.files["root"], TypeTimestamp)
	count, err := by.check(file)
	if err != nil {
		return err
	}
	old := c.remembered["timestamp"]
	if err := c.checkRollback(file, old); err != nil {
		return err
	}
	if old != nil {
		if HeadOf(file.Body).Version == HeadOf(old.Body).Version {
			file = old
			count, err = by.check(old)
		} else {
			err = notBelow(file.Name, file.Body.(*Timestamp).Snapshot, old.Body.(*Timestamp).Snapshot)
		}
		if err != nil {
			return err
		}
	}
	if err := c.checkExpiry(file); err != nil {
		return err
	}
	return c.accept("timestamp", file, count)
}

// updateSnapshot verifies the snapshot that timestamp names (Uptane Standard
// 2.1.0 §5.4.4.5, TUF 1.0.34 §5.5), or the newest one while that timestamp is
// yet to be signed.
func (c *Client) updateSnapshot() error {
	if c.withheld(TypeSnapshot) || c.Timestamp() == nil && !c.withheld(TypeTimestamp) {
		return nil
	}
	meta, old := c.unstated("snapshot"), c.remembered["snapshot"]
	if c.Timestamp() != nil {
		meta = c.Timestamp().Snapshot
	}
	file := c.reuse(old, meta)
	if file == nil {
		var err error
		if file, err = c.read(TypeSnapshot, "snapshot", meta); err != nil {
			return err
		}
	}
	count, err := rootAuthority(c.files["root"], TypeSnapshot).check(file)
	if err != nil {
		return err
	}
	if err := checkVersion(file, meta, "timestamp"); err != nil {
		return err
	}
	if err := c.checkSnapshotRollback(file, old); err != nil {
		return err
	}
	if err := c.checkExpiry(file); err != nil {
		return err
	}
	return c.accept("snapshot", file, count)
}

// checkSnapshotRollback refuses a snapshot that goes back, or that lets a
// listed file go back or go away.
func (c *Client) checkSnapshotRollback(file, old *File) error {
	if old == nil {
		return nil
	}
	if err := c.checkRollback(file, old); err != nil {
		return err
	}
	snapshot := file.Body.(*Snapshot)
	for _, before := range old.Body.(*Snapshot).Meta {
		now := snapshot.find(before.Name)
		if now == nil {
			return refused(file.Name, "signed.meta", Rollback, "%s is not listed any more; it was listed in version %d", before.Name, HeadOf(old.Body).Version)
		}
		if err := notBelow(file.Name, *now, before); err != nil {
			return err
		}
	}
	return nil
}

// notBelow demands that the version of a listed file does not go down.
func notBelow(file string, now, before Meta) error {
	if now.Version < before.Version {
		return refused(file, "signed.meta."+now.Name+".version", Rollback, "got %d, want at least %d, which was seen before", now.Version, before.Version)
	}
	return nil
}
