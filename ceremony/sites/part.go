package sites

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Part is what one site did of a ceremony, as it lies in its folder.
type Part struct {
	Site   string
	Events []transcript.Event // none while no transcript of it is here

	plan       *plan.Plan
	keys       map[string]Record // by name
	signatures map[int]Signature // by step
}

// Record is the public record of a key that a site made.
type Record struct {
	*workspace.KeyRecord
	Raw  []byte // the file
	File string // its path, for messages
}

// Signature is one that a site made, not verified yet.
type Signature struct {
	transcript.Signed
	Site string // in whose folder it lies
	File string
}

// Wrong is what is wrong with one file of a site.
type Wrong struct {
	File string // its path in the workspace
	Why  error
}

func (w *Wrong) Error() string { return w.Why.Error() }

// Unwrap is what is wrong, with its code and hints.
func (w *Wrong) Unwrap() error { return w.Why }

// wrong says of an error of which file it is.
func wrong(file string, err error) error {
	if err == nil {
		return nil
	}
	return &Wrong{file, err}
}

// MaxSignature bounds a signature's file, in bytes.
const MaxSignature = 64 << 10

// ReadPart reads the part of a site strictly. Its transcript, if one is here, must be
// of that very plan; every other file must be one that the plan asks of that site.
func ReadPart(files workspace.Files, p *plan.Plan, sum digest.SHA256, site string) (*Part, error) {
	part := &Part{Site: site, plan: p, keys: map[string]Record{}, signatures: map[int]Signature{}}
	dir := ceremonies.SiteDir(p.Ceremony, site)
	log := path.Join(dir, transcript.File)
	var err error
	if part.Events, err = transcript.ReadSoFar(files, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, wrong(log, err)
	}
	if err := part.isOf(log, sum); err != nil {
		return nil, wrong(log, err)
	}
	for _, of := range []struct {
		dir string
		add func(file string, data []byte) error
	}{{ceremonies.KeysDir, part.AddKey}, {ceremonies.SignaturesDir, part.AddSignature}} {
		if err := each(files, path.Join(dir, of.dir), of.add); err != nil {
			return nil, err
		}
	}
	return part, nil
}

// each reads the files of a folder.
func each(files workspace.Files, dir string, add func(file string, data []byte) error) error {
	names, err := files.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		file := path.Join(dir, name)
		data, err := files.Read(file, strict.MaxBytes)
		if err == nil {
			err = add(file, data)
		}
		if err != nil {
			return wrong(file, err)
		}
	}
	return nil
}

// isOf refuses the transcript of another plan, and one of another kind: a rehearsal
// never meets what is meant.
func (p *Part) isOf(file string, sum digest.SHA256) error {
	for _, e := range p.Events {
		if d, ok := e.Data.(transcript.Started); ok {
			if d.Plan != sum {
				return fault.Errorf(fault.Unverified, "%s: %s ran another plan; got SHA-256 %s, want %s", file, p.Site, d.Plan, sum).
					Hint("compare the words of keyrite plan show %s at both sites", p.plan.Ceremony)
			}
			if d.Fake {
				return fault.Errorf(fault.Unverified, "%s: is of a rehearsal", file)
			}
		}
	}
	return nil
}

// AddKey takes in the record of a key that the plan has this site make.
func (p *Part) AddKey(file string, data []byte) error {
	name := strings.TrimSuffix(path.Base(file), ".yaml")
	step, planned := p.step(func(s plan.Step) bool { return s.Do == plan.Generate && s.Key == name })
	if !planned || name+".yaml" != path.Base(file) {
		return p.foreign(file, "no step of the plan makes a key of that name there")
	}
	record, err := workspace.ParseKeyRecord(file, name, data)
	if err != nil {
		return err
	}
	switch {
	case record.Type != step.Type:
		return fault.Errorf(fault.Unverified, "%s has a key of type %s, want %s", file, record.Type, step.Type)
	case record.Token == nil || record.Evidence == nil:
		return fault.Errorf(fault.Unverified, "%s: token or evidence is missing, want those of the token that made the key", file)
	}
	p.keys[name] = Record{record, data, file}
	return p.stated(file, record, digest.Of(data))
}

// stated compares a record with the transcript of its site, where that is here.
func (p *Part) stated(file string, record *workspace.KeyRecord, sum digest.SHA256) error {
	for _, e := range p.Events {
		if d, ok := e.Data.(transcript.Generated); ok && d.Key == record.Name && (d.Fingerprint != digest.SHA256(record.Fingerprint()) || d.Record != sum) {
			return fault.Errorf(fault.Unverified, "%s is not what line %d of the transcript of %s states; got SHA-256 %s, want %s", file, e.Seq, p.Site, sum, d.Record)
		}
	}
	return nil
}

// AddSignature takes in a signature that the plan asks of this site, or that was
// brought in there by hand. It is verified by whoever knows the bytes.
func (p *Part) AddSignature(file string, data []byte) error {
	signed, err := transcript.ParseSigned(file, data)
	if err != nil {
		return err
	}
	step, planned := p.step(func(s plan.Step) bool {
		return s.Do == plan.Sign && s.Role == signed.Role && s.Key == signed.Key && path.Base(p.plan.SignaturePath(p.Site, s)) == path.Base(file)
	})
	switch {
	case !planned:
		return p.foreign(file, fmt.Sprintf("no step of the plan asks %s for a signature of %s by %s there", p.Site, signed.Role, signed.Key))
	case signed.Version != step.Version:
		return fault.Errorf(fault.Unverified, "%s: is of %s %d, want version %d", file, signed.Role, signed.Version, step.Version)
	case signed.External != step.External:
		return fault.Errorf(fault.Unverified, "%s: external is %t, but the plan says %t", file, signed.External, step.External)
	}
	p.signatures[step.Step] = Signature{signed, p.Site, file}
	return nil
}

// step finds a step that is this site's, or that any site can do.
func (p *Part) step(is func(plan.Step) bool) (plan.Step, bool) {
	for _, s := range p.plan.Steps {
		if is(s) && (s.External || p.plan.SiteOf(s) == p.Site) {
			return s, true
		}
	}
	return plan.Step{}, false
}

func (p *Part) foreign(file, why string) error {
	return fault.Errorf(fault.Unverified, "%s: %s", file, why).Hint("move it out of the folder of %s; nobody needs it", p.Site)
}

// Aborted is how the site closed its part; nil where it did not.
func (p *Part) Aborted() *transcript.Aborted {
	for _, e := range p.Events {
		if d, ok := e.Data.(transcript.Aborted); ok {
			return &d
		}
	}
	return nil
}

// Finished says whether the site came to the end of the ceremony.
func (p *Part) Finished() bool {
	for _, e := range p.Events {
		if _, ok := e.Data.(transcript.Finished); ok {
			return true
		}
	}
	return false
}

// Has says whether the result of a step lies in this part.
func (p *Part) Has(s plan.Step) bool {
	switch s.Do {
	case plan.Generate:
		_, has := p.keys[s.Key]
		return has
	case plan.Sign:
		_, has := p.signatures[s.Step]
		return has
	}
	return false
}
