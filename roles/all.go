package roles

import "errors"

// Listed is an image and the role that is trusted for it.
type Listed struct {
	Role  string
	Image *Image
}

// All verifies every delegated file of the repository and returns each image
// that a client finds, with the role that it finds it in. It follows a
// successful Refresh; where that ends before targets, there are none.
func (c *Client) All() ([]Listed, error) {
	if c.withheld(TypeTargets) {
		return nil, nil
	}
	roles, err := c.loadAll()
	if err != nil {
		return nil, err
	}
	var all []Listed
	for _, role := range roles {
		found, err := c.findable(role)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for _, l := range c.losses.list {
		c.report.Lost = append(c.report.Lost, *l)
	}
	c.report.Images = len(all)
	return all, nil
}

// findable lists the images of a role that a search finds in it.
func (c *Client) findable(role string) (list []Listed, err error) {
	images := bodyOf[*Targets](c.files[role]).Images
	list = make([]Listed, 0, len(images))
	if role == string(TypeTargets) { // where every search begins
		for i := range images {
			list = append(list, Listed{role, &images[i]})
		}
		return list, nil
	}
	useless := 0
	for i := range images {
		image, by, err := c.Find(images[i].Path)
		lost := c.tolerates(err)
		switch {
		case err == nil && by == role:
			list = append(list, Listed{role, image})
		case err == nil || errors.Is(err, ErrNoImage):
			useless++
		case lost != nil:
			lost.add(images[i].Path)
		default:
			return nil, err
		}
	}
	if useless > 0 {
		c.note(NoteImages, role, "role %s lists %d images that no client takes from it: the path is not delegated to it, or another role comes first", role, useless)
	}
	return list, nil
}

// loadAll verifies all delegated roles, in the order of a search, and returns
// the names of all targets roles that can be used.
func (c *Client) loadAll() (names []string, err error) {
	seen, delegations := map[string]bool{}, map[*DelegatedRole]int{}
	stack := []visit{{}}
	defer c.reading.Wait() // the source is the caller's again
	for len(stack) > 0 {
		c.readAhead(stack)
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		file, err := c.visit(v)
		if err == nil && !seen[v.name()] {
			delegations[v.supplier] += len(file.Body.(*Targets).delegated())
			err = c.bound(v, file, delegations[v.supplier])
		}
		if c.tolerates(err) != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		if seen[v.name()] {
			continue
		}
		seen[v.name()] = true
		names = append(names, v.name())
		d := file.Body.(*Targets).delegated()
		if len(d) > 0 && v.level == c.format.maxLevels() {
			c.note(NoteLevels, v.name(), "role %s delegates on: clients do not follow more than %d levels", v.name(), v.level)
		}
		for i := len(d) - 1; i >= 0; i-- {
			stack = append(stack, v.below(&d[i]))
		}
	}
	return names, nil
}

// delegated are the roles that a file delegates to.
func (t *Targets) delegated() []DelegatedRole {
	if t.Delegations == nil {
		return nil
	}
	return t.Delegations.Roles
}

// bound refuses delegations that lie deeper, or are more, than anybody looks at:
// each supplier's are counted by themselves, so that none uses up the others'.
func (c *Client) bound(v visit, file *File, delegations int) error {
	var err error
	switch {
	case v.level == MaxLevels && len(file.Body.(*Targets).delegated()) > 0:
		err = refused(file.Name, "signed.delegations", "", "it delegates on, %d levels below targets; no client follows more than %d", v.level, c.format.maxLevels())
	case delegations > MaxDelegations:
		err = refused(file.Name, "signed.delegations", "", "%d delegations so far; want at most %d in a repository", delegations, MaxDelegations)
	default:
		return nil
	}
	if v.role != nil {
		c.vouched[v.role], c.refused[v.role.Name] = err, file
	}
	return v.lost(err)
}
