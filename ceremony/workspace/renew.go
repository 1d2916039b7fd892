package workspace

import (
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/policies"
)

// inTen is the part of its life that a file has left when it is due, where neither
// trust.yaml nor the policy says.
const inTen = 10

// Lifetime is how long each new file of a top-level or delegated role lives.
func (r *Repository) Lifetime(role string) time.Duration {
	expires, _ := r.spans(role)
	return expires
}

// Lead is how long before its expiry a file of a role is due for renewal: what
// trust.yaml declares, else what the policy says, though never more than half of the
// file's life, else a tenth of it.
func (r *Repository) Lead(role string, p *policies.Policy) time.Duration {
	expires, declared := r.spans(role)
	switch byPolicy := p.Renew(role); {
	case declared != 0:
		return declared
	case byPolicy != 0:
		return min(byPolicy, expires/2)
	}
	return expires / inTen
}

func (r *Repository) spans(role string) (expires, renew time.Duration) {
	if decl, ok := r.Roles[role]; ok {
		return time.Duration(decl.Expires), time.Duration(decl.Renew)
	}
	for _, d := range r.Delegations {
		if d.Role == role {
			return time.Duration(d.Expires), time.Duration(d.Renew)
		}
	}
	return 0, 0
}

// renewal checks how long before its expiry a file is renewed.
func (c *trustCheck) renewal(field string, renew, expires policies.Lifetime) {
	if renew != 0 && renew >= expires {
		c.fail(fault.Usage, field+".renew", "is %s, want less than expires, %s", renew, expires)
	}
}
