package plan

import (
	"time"

	"github.com/uptane/keyrite/ceremony/scene"
)

// Request says what to derive a plan for.
type Request struct {
	Repository string
	Reason     string   // in people's words, for the transcript and the record
	Renew      []string // roles to sign anew although nothing changed
	Later      []string // roles not to be signed anew only because they are due for renewal
	Gradual    bool     // root keeps old keys of a role until the new ones have signed
	Signers    []string // sign with these keys only; empty: any key that is held here
	Destroy    []string // destroy these keys at the end; nothing trusts them any more
	Stolen     []string // keys that somebody else may have: nothing may trust them afterwards
	Lost       []string // keys that nobody can sign with
	Override   string   // why root is signed a second time under one version
	Now        time.Time

	Emergency string            // seal a kit of that name: the next root, below every threshold
	Replace   map[string]string // in an emergency, new names of keys by old ones; none: those that Stolen and Lost want
	Complete  string            // put the root of that kit in place

	// Ceremony is the name that the plan gets; empty: the first that is free on its
	// day. A rehearsal is called as what it rehearses.
	Ceremony string

	// Room is the one that a rehearsal has the plan made for; nil: that of site.yaml.
	Room *scene.Room
}

// Blank is a plan that holds what is asked for, and nothing else.
func (r Request) Blank() Plan {
	return Plan{
		Version: 1, Repository: r.Repository, Reason: r.Reason, Renew: r.Renew, Later: r.Later, Gradual: r.Gradual, Signers: r.Signers, Destroy: r.Destroy,
		Stolen: r.Stolen, Lost: r.Lost, Override: r.Override, Emergency: r.Emergency, Replace: r.Replace, Complete: r.Complete,
	}
}

// Request is what a plan was asked for.
func (p *Plan) Request() Request {
	return Request{
		Repository: p.Repository, Reason: p.Reason, Renew: p.Renew, Later: p.Later, Gradual: p.Gradual, Signers: p.Signers, Destroy: p.Destroy,
		Stolen: p.Stolen, Lost: p.Lost, Override: p.Override, Emergency: p.Emergency, Replace: p.Replace, Complete: p.Complete, Now: p.Created,
	}
}
