package roles

import "fmt"

// updateTargets verifies the top-level targets (Uptane Standard 2.1.0 §5.4.4.6,
// TUF 1.0.34 §5.6).
func (c *Client) updateTargets() error {
	old := c.remembered["targets"]
	file, count, err := c.readTargets("targets", rootAuthority(c.files["root"], TypeTargets), old)
	if err != nil {
		return err
	}
	if d := file.Body.(*Targets).Delegations; c.Director && d != nil && len(d.Roles) > 0 {
		return refused(file.Name, "signed.delegations", "", "a Director must not delegate (Uptane Standard 2.1.0 §5.4.4.6); is this an Image repository?")
	}
	return c.accept("targets", file, count)
}

// checkTargetsRollback compares with the targets seen before. Where a snapshot
// vouches for the file, versions may go back after its keys were replaced.
func (c *Client) checkTargetsRollback(file, old *File) error {
	err := c.checkRollback(file, old)
	if err != nil && c.Snapshot() != nil {
		c.note("%v: taken, since the keys of snapshot were replaced", err)
		return nil
	}
	return err
}

// readTargets gets and verifies the file of a targets role, top-level or
// delegated, as snapshot names it.
func (c *Client) readTargets(role string, by authority, old *File) (*File, *Count, error) {
	meta, err := c.listed(role)
	if err != nil {
		return nil, nil, err
	}
	file := c.reuse(old, meta)
	if file == nil {
		if file, err = c.read(TypeTargets, role, meta); err != nil {
			return nil, nil, err
		}
	}
	count, err := by.check(file)
	if err != nil {
		return nil, nil, err
	}
	if meta.Version > 0 {
		if err := checkVersion(file, meta.Version, "snapshot"); err != nil {
			return nil, nil, err
		}
	}
	if err := c.checkExpiry(file); err != nil {
		return nil, nil, err
	}
	return file, count, c.checkTargetsRollback(file, old)
}

// listed is what snapshot states of a role's file: nothing where a Director
// has no snapshot.
func (c *Client) listed(role string) (Meta, error) {
	if c.Snapshot() == nil {
		return Meta{Length: -1}, nil
	}
	meta := c.Snapshot().Find(role)
	if meta == nil {
		return Meta{}, refused(c.files["snapshot"].Name, "signed.meta", MixAndMatch, "%s.json is not listed, but a role is delegated to it", role)
	}
	return *meta, nil
}

// delegate verifies the file of a delegated role on the word of its delegator.
// A role with several delegators is read once and must satisfy each of them.
func (c *Client) delegate(role *DelegatedRole, delegator string) (*File, error) {
	known := c.files[role.Name]
	if known != nil && c.vouched[role] {
		return known, nil
	}
	from := c.Delegated(delegator)
	by := authority{role.Role, c.index(from.Delegations).list(role.Role), fmt.Sprintf("%s %d", delegator, from.Version)}
	file, err := known, error(nil)
	if known != nil {
		_, err = by.check(known)
	} else {
		file, err = c.newDelegate(role.Name, by)
	}
	if err != nil {
		return nil, err
	}
	c.vouched[role] = true
	return file, nil
}

// newDelegate gets and verifies the file of a delegated role.
func (c *Client) newDelegate(role string, by authority) (*File, error) {
	old := c.load(role, TypeTargets)
	if old != nil {
		if _, err := by.check(old); err != nil {
			old = nil
		}
	}
	file, count, err := c.readTargets(role, by, old)
	if err != nil {
		return nil, err
	}
	return file, c.accept(role, file, count)
}
