package roles

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNoImage means that no role that may speak for a path lists an image there.
var ErrNoImage = errors.New("no trusted role lists the image")

// maxVisited bounds the roles that one search visits, as clients do (TUF 1.0.34
// §5.6.7). MaxDelegations and MaxLevels bound the delegations of a repository
// and how deep they lie: no client goes so far. maxTried bounds the work of
// finding images by patterns that all begin alike.
const (
	maxVisited     = 32
	MaxDelegations = 1 << 16
	MaxLevels      = 64
	maxTried       = 1 << 26
)

// visit is a role that a search is about to look into.
type visit struct {
	role      *DelegatedRole // nil for the top-level targets
	delegator string         // role that delegates to it
	level     int            // delegations below the top
	supplier  *DelegatedRole // the delegation of the top-level targets that it lies below, or is
}

// below is the visit of a role that the file of another delegates to.
func (v visit) below(r *DelegatedRole) visit {
	next := visit{r, v.name(), v.level + 1, v.supplier}
	if next.supplier == nil {
		next.supplier = r
	}
	return next
}

// Find searches the image of a path: the top-level targets first, then the
// roles that it is delegated to, in order of priority, depth first, none twice
// (Uptane Standard 2.1.0 §5.4.4.7, TUF 1.0.34 §5.6.7). It returns the image and
// the role that lists it. Only files on the way are asked for; one that is
// missing or wrong ends the search. It follows a successful Refresh.
func (c *Client) Find(path string) (*Image, string, error) {
	var visited []string
	stack := []visit{{}}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		name := v.name()
		if slices.Contains(visited, name) {
			continue
		}
		if len(visited) == maxVisited {
			return nil, "", v.lost(fmt.Errorf("%s: more than %d roles may list it; clients give up there", path, maxVisited))
		}
		visited = append(visited, name)
		file, err := c.visit(v)
		if err != nil {
			return nil, "", err
		}
		targets := file.Body.(*Targets)
		if image := targets.Image(path); image != nil {
			return image, name, nil
		}
		next, terminating, err := c.next(path, v, targets)
		if err != nil {
			return nil, "", err
		}
		if terminating {
			stack = stack[:0]
		}
		slices.Reverse(next)
		stack = append(stack, next...)
	}
	return nil, "", fmt.Errorf("%s: %w", path, ErrNoImage)
}

func (v visit) name() string {
	if v.role == nil {
		return string(TypeTargets)
	}
	return v.role.Name
}

func (c *Client) visit(v visit) (*File, error) {
	if v.role != nil {
		return c.delegate(v.role, v.delegator)
	}
	if c.files["targets"] == nil {
		return nil, fmt.Errorf("targets.json: it has not been verified")
	}
	return c.files["targets"], nil
}

// next lists the roles to which a path is delegated from here. The search does
// not come back behind a terminating one.
func (c *Client) next(path string, v visit, targets *Targets) (list []visit, terminating bool, err error) {
	d := targets.Delegations
	if d == nil || v.level == c.format.maxLevels() {
		return nil, false, nil
	}
	covering, tried := c.index(v.name(), targets).Covering(path)
	if c.tried[v.supplier] += tried; c.tried[v.supplier] > maxTried {
		err := fmt.Errorf("%s: more than %d patterns were tried for the images so far; give each delegation a beginning of its own", path, maxTried)
		return nil, false, v.lost(err)
	}
	for _, i := range covering {
		r := &d.Roles[i]
		list = append(list, v.below(r))
		if r.Terminating {
			return list, true, nil
		}
	}
	return list, false, nil
}

// index is what a client looks up in the delegations of one file.
type index struct {
	*Matcher
	keys map[KeyID]Key
	by   string // whose delegations these are: `targets 7`
}

func (c *Client) index(delegator string, from *Targets) index {
	d := from.Delegations
	found, ok := c.indexes[d]
	if ok {
		return found
	}
	found = index{NewMatcher(c.format, d.Roles), make(map[KeyID]Key, len(d.Keys)), fmt.Sprintf("%s %d", delegator, from.Version)}
	for _, k := range d.Keys {
		found.keys[k.ID] = k
	}
	c.indexes[d] = found
	return found
}

// list returns the keys of a role, as far as there are such keys.
func (x index) list(role Role) (keys []Key) {
	for _, id := range role.KeyIDs {
		if k, ok := x.keys[id]; ok {
			keys = append(keys, k)
		}
	}
	return keys
}
