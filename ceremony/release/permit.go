package release

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// signs says whether a release may sign a role at all: its own, and those that state it.
func (j *job) signs(role string) bool {
	return role == j.q.Role || role == "timestamp" || role == "snapshot" && j.q.Role != "timestamp"
}

// unattended says whether site.yaml lets the token of a key sign a role without people.
func (j *job) unattended(key, role string) bool {
	token, here := j.site.Keys[key]
	return here && slices.Contains(j.site.Tokens[token].Unattended, role)
}

// mayRelease refuses a role that nobody may sign without people, before anything is read.
func (j *job) mayRelease() error {
	role := j.q.Role
	switch {
	case !slices.Contains(j.repo.Order(), role):
		return fault.Errorf(fault.Refused, "%s: role is %q, want one of %s", j.repo.Name, words.Line(role), words.List(j.repo.Order())).Suggest(role, j.repo.Order())
	case role == "root":
		return fault.Errorf(fault.Refused, "root is never released: it is signed in a ceremony").Hint("hold one: keyrite plan %s", j.repo.Name)
	case len(j.q.Images) > 0 && j.repo.ImagesFiles()[role] == "":
		return fault.Errorf(fault.Refused, "%s: %s lists no images: it has no `images:` in trust.yaml", j.repo.Name, role)
	}
	keys, _ := j.repo.Signers(role)
	if slices.ContainsFunc(keys, func(key string) bool { return j.unattended(key, role) }) {
		return nil
	}
	for _, key := range keys {
		if token, here := j.site.Keys[key]; here {
			return fault.Errorf(fault.Refused, "token %s may not sign %s unattended", token, role).
				Hint("hold a ceremony: keyrite plan %s; or, if the pin of tokens.%s in site.yaml needs no person, add %s to its unattended", j.repo.Name, token, role)
		}
	}
	return fault.Errorf(fault.Refused, "%s: no key of %s is held here, want one of %s", j.repo.Name, role, words.List(keys)).
		Hint("where a token here holds one, write KEY: TOKEN below keys in site.yaml")
}

// permit refuses a plan that does anything but release these images: what trust.yaml
// says otherwise, what somebody has written into the list, and what a person must sign.
func (j *job) permit(d *derive.Derived) error {
	if d.Plan == nil {
		return nil
	}
	for _, check := range []func(*derive.Derived) error{j.permitFiles, j.permitSteps, j.permitChanges} {
		if err := check(d); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) permitFiles(d *derive.Derived) error {
	for _, f := range d.Plan.Files {
		if !j.signs(f.Role) {
			return j.ceremony("%s %d has to be signed too (%s)", f.Role, f.Version, f.Why)
		}
	}
	for _, e := range d.Plan.Elsewhere {
		if j.signs(e.Role) {
			return j.ceremony("%s", e)
		}
	}
	if root := d.Scene.Signed.Root(); root != nil && !j.Now().Before(roles.HeadOf(root.Body).Expires) {
		return j.ceremony("root %d expired %s", roles.HeadOf(root.Body).Version, roles.FormatTime(roles.HeadOf(root.Body).Expires))
	}
	return nil
}

func (j *job) permitSteps(d *derive.Derived) error {
	for _, s := range d.Plan.Steps {
		switch s.Do {
		case plan.Generate, plan.Destroy:
			return j.ceremony("step %d would %s", s.Step, s)
		case plan.Sign:
			if s.External || !j.unattended(s.Key, s.Role) {
				return j.ceremony("step %d would %s, which needs a person", s.Step, s)
			}
		}
	}
	return nil
}

// permitChanges holds every difference of the role's file against what was given.
func (j *job) permitChanges(d *derive.Derived) error {
	for _, c := range d.Changes {
		if why := j.objection(c); why != "" {
			return j.ceremony("%s: %s", c.Short(), why)
		}
	}
	return nil
}

// objection says why a release does not make a change; "" when it does.
func (j *job) objection(c roles.Change) string {
	given := j.files.Has(c.Subject)
	switch c.What {
	case "version", "expires", "spec_version":
		return ""
	case "image":
		switch {
		case c.Old == "" && given, c.New == "" && j.q.Only:
			return ""
		case c.Old == "":
			return "that image was not given"
		}
		return "--only drops what is not given"
	case "image length of", "image hashes of", "image custom of":
		switch {
		case !given:
			return "that image was not given"
		case !j.q.Replace:
			return "vehicles refuse other content under a path that they have installed; give it another path, or --replace"
		}
		return ""
	}
	return "that is no image"
}

// ceremony refuses what is not for a release.
func (j *job) ceremony(format string, args ...any) error {
	return fault.Errorf(fault.Refused, "release of %s: %w", j.q.Role, fmt.Errorf(format, args...)).
		Hint("look at all that would be signed: keyrite plan %s; what is not a release is signed in a ceremony", j.repo.Name)
}

// notThisRelease refuses to go on with a ceremony that somebody else began.
func notThisRelease(ceremony string, err error) error {
	return fault.Errorf(fault.CodeOf(err), "ceremony %s is under way, and is not this release: %w", ceremony, err).
		Hint("release the same images to finish it; or keyrite run %s", ceremony).
		Hint("or close it: keyrite abort %s --reason TEXT", ceremony)
}
