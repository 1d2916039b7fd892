package preflight

import (
	"context"
	"os"
	"strings"

	"github.com/uptane/keyrite/hsm"
)

// module compares a module's file with its pinned hash.
func (r *Report) module(m hsm.Module) {
	got := ""
	file, err := os.Open(m.Path)
	if err == nil {
		defer file.Close()
		sum, hashErr := hashOf(file)
		got, err = sum.String(), hashErr
	}
	switch {
	case err != nil:
		r.fail(CheckModule, m.Name, "module %s cannot be read: %v", m.Name, err)
	case m.SHA256 == "":
		r.fail(CheckModulePin, m.Name, "module %s is not pinned; if this is its vendor's value, set modules.%s.sha256 in site.yaml: %s", m.Name, m.Name, got)
	case got != m.SHA256:
		r.fail(CheckModule, m.Name, "module %s is another file than the one that is pinned; got SHA-256 %s, want %s", m.Name, got, m.SHA256)
	default:
		r.pass(CheckModule, m.Name, "module %s is the pinned file %s, SHA-256 %s", m.Name, m.Path, got)
	}
}

// doors tries each way out of the helper of a module, from inside.
func (r *Report) doors(ctx context.Context, m hsm.Module) {
	doors, err := hsm.Probe(ctx, m)
	if err != nil {
		r.fail(CheckHelper, m.Name, "the helper of module %s cannot be locked in: %v", m.Name, err)
		return
	}
	for _, d := range doors {
		check := CheckHelper
		if strings.HasPrefix(d.Name, "memory") {
			check = CheckMemory
		}
		if d.Held {
			r.pass(check, m.Name, "a way out of the helper of module %s is shut, %s%s", m.Name, d.Name, behind(d.Detail))
		} else {
			r.fail(check, m.Name, "a way out of the helper of module %s is open, %s%s", m.Name, d.Name, behind(d.Detail))
		}
	}
}
