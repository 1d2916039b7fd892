package roles

// updateTargets verifies the top-level targets (Uptane Standard 2.1.0 §5.4.4.6,
// TUF 1.0.34 §5.6).
func (c *Client) updateTargets() error {
	if c.withheld(TypeTargets) {
		return nil
	}
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
		c.note(NoteReplaced, file.Name, "%v: taken, since the keys of snapshot were replaced", err)
		return nil
	}
	return err
}

// readTargets gets and verifies the file of a targets role, top-level or
// delegated, as snapshot names it. A file that is refused is returned beside the
// error when those have signed it who must.
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
	if err = checkVersion(file, meta, "snapshot"); err == nil {
		err = c.checkExpiry(file)
	}
	if err == nil {
		err = c.checkTargetsRollback(file, old)
	}
	return file, count, err
}

// listed is what snapshot states of a role's file: nothing where a Director
// has no snapshot, or the snapshot is yet to be signed.
func (c *Client) listed(role string) (Meta, error) {
	if c.Snapshot() == nil {
		return c.unstated(role), nil
	}
	meta := c.Snapshot().Find(role)
	if meta == nil {
		return Meta{}, refused(c.files["snapshot"].Name, "signed.meta", "", "%s.json is not listed, but a role is delegated to it: %w", role, errUndelivered)
	}
	return *meta, nil
}

// delegate verifies the file of a delegated role on the word of its delegator,
// once. A role with several delegators is read once and must satisfy each of
// them.
func (c *Client) delegate(role *DelegatedRole, delegator string) (*File, error) {
	err, known := c.vouched[role]
	if !known {
		err = c.follow(role, delegator)
		c.vouched[role] = err
	}
	if err != nil {
		return nil, visit{role: role, delegator: delegator}.lost(err)
	}
	return c.files[role.Name], nil
}

func (c *Client) follow(role *DelegatedRole, delegator string) error {
	by := c.mandate(role, delegator)
	if file := c.files[role.Name]; file != nil {
		_, err := by.check(file)
		return err
	}
	return c.newDelegate(role.Name, by)
}

// mandate is what a verified delegator says of a role.
func (c *Client) mandate(role *DelegatedRole, delegator string) authority {
	from := c.Delegated(delegator)
	index := c.index(delegator, from)
	return authority{role.Role, index.list(role.Role), index.by}
}

// newDelegate gets and verifies the file of a delegated role.
func (c *Client) newDelegate(role string, by authority) error {
	old := c.load(role, TypeTargets)
	if old != nil {
		if _, err := by.check(old); err != nil {
			old = nil
		}
	}
	file, count, err := c.readTargets(role, by, old)
	if err == nil && old != nil && HeadOf(file.Body).Version == HeadOf(old.Body).Version {
		err = CheckSuccession(old, file) // one version is one file
	}
	if err != nil {
		c.refused[role] = file
		return err
	}
	return c.accept(role, file, count)
}
