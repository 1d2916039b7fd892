package record

import (
	"fmt"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/tell"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// source is what a record is made of: the transcript, and the files that it and
// its plan state by hash. Nothing else enters, so that the same ceremony has the
// same record in every year.
type source struct {
	plan   *plan.Plan
	sum    digest.SHA256
	events []transcript.Event
	sites  []string // of the events, where they are of several
	chain  *Chain
	format roles.Format
	keys   map[string]*workspace.KeyRecord // by name
	before map[string]*roles.File          // by role: what was signed when the plan was made
	after  map[string]*roles.File          // by role: what is, at the last line
	files  []signedFile
}

// signedFile is a file that this ceremony signed.
type signedFile struct {
	planned    plan.File
	sum        digest.SHA256 // of the bytes to sign
	written    *transcript.Written
	file       *roles.File // nil until it was written
	signatures []signature
}

// signature is one signature with the line that holds it.
type signature struct {
	transcript.Signed
	line  transcript.Event
	token string // serial
	who   string // who consented

	received bool // another site made it, and this one verified it
}

// read reads everything, and fails where a file is not the one that is stated.
func read(files workspace.Files, name string) (*source, error) {
	chain, err := Check(files, name)
	if err != nil {
		return nil, err
	}
	if chain.Lines == 0 {
		return nil, fault.Errorf(fault.Incomplete, "%s/%s is empty", Dir(name), transcript.File)
	}
	s := &source{chain: chain, keys: map[string]*workspace.KeyRecord{}}
	if s.plan, s.sum, err = plan.Read(files, ceremonyOf(name)); err != nil {
		return nil, err
	}
	if s.events, err = transcript.Read(files, Dir(name)); err != nil {
		return nil, err
	}
	if s.format, err = roles.FormatByName(s.plan.Format); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s/plan.yaml: %w", s.plan.Dir(), err)
	}
	r := &reader{source: s, stated: &stated{files: workspace.View{Files: files}, name: name, dir: Dir(name), events: s.events}}
	if err := r.inputs(); err != nil {
		return nil, err
	}
	return s, r.lines()
}

type reader struct {
	*source
	stated *stated
}

// inputs reads the records of keys and the signed files that the plan pins.
func (r *reader) inputs() error {
	r.before, r.after = map[string]*roles.File{}, map[string]*roles.File{}
	for _, in := range r.plan.Inputs {
		var err error
		if name, is := keyName(in.Path); is {
			err = r.key(name, in.SHA256)
		} else if path.Dir(in.Path) == r.plan.Repository+"/metadata" {
			err = r.metadata(r.plan.Dir()+"/plan.yaml", in.Path, in.SHA256, r.before)
		}
		if err != nil {
			return err
		}
	}
	for role, file := range r.before {
		r.after[role] = file
	}
	return nil
}

func keyName(file string) (string, bool) {
	name, ok := strings.CutSuffix(file, ".yaml")
	return path.Base(name), ok && path.Dir(file) == "keys"
}

// key reads the record of a key that the plan pins. One that was lost, and written
// again when the key was found on its token, is another file of the same key.
func (r *reader) key(name string, want digest.SHA256) error {
	data, err := r.stated.files.Read(workspace.KeyPath(name), strict.MaxBytes)
	if err != nil {
		return err
	}
	record, err := workspace.ParseKeyRecord(workspace.KeyPath(name), name, data)
	if got := digest.Of(data); got != want && (err != nil || !r.stated.adopted(name, digest.SHA256(record.Fingerprint()))) {
		return differs(r.plan.Dir()+"/plan.yaml", workspace.KeyPath(name), got, want)
	}
	r.keys[name] = record
	return err
}

// metadata reads a signed file and keeps it if it is the newest of its role.
func (r *reader) metadata(where, name string, want digest.SHA256, into map[string]*roles.File) error {
	data, err := r.stated.find(where, name, want)
	if err != nil {
		return err
	}
	role, kind := roleOf(name)
	file, err := roles.Inspect(r.format, kind, data)
	if err != nil {
		return fault.Errorf(fault.Unverified, "%s: %w", name, err)
	}
	if old := into[role]; old == nil || roles.HeadOf(old.Body).Version < roles.HeadOf(file.Body).Version {
		into[role] = file
	}
	return nil
}

// roleOf is the role of a metadata file by its name: 2.root.json, timestamp.json.
func roleOf(name string) (string, roles.Type) {
	role := strings.TrimSuffix(path.Base(name), ".json")
	if number, rest, ok := strings.Cut(role, "."); ok && strings.Trim(number, "0123456789") == "" {
		role = rest
	}
	for _, kind := range roles.TopLevel {
		if role == string(kind) {
			return role, kind
		}
	}
	return role, roles.TypeTargets
}

// lines takes in what the lines of the transcript made.
func (r *reader) lines() error {
	for _, planned := range r.plan.Files {
		r.files = append(r.files, signedFile{planned: planned})
	}
	for i, e := range r.events {
		switch d := e.Data.(type) {
		case transcript.Generated:
			record, err := r.stated.files.Key(d.Key)
			if err != nil {
				return err
			}
			r.keys[d.Key] = record
		case transcript.Reviewed:
			if f := r.fileOf(d.Role); f != nil {
				f.sum = d.SHA256
			}
		case transcript.Signed:
			if f := r.fileOf(d.Role); f != nil {
				f.add(signature{Signed: d, line: e, token: r.tokenBefore(i, d), who: r.whoBefore(i)})
			}
		case transcript.Confirmed:
			record, err := r.stated.files.Key(d.Key)
			if err != nil {
				return err
			}
			r.keys[d.Key] = record
		case transcript.Received:
			if f := r.fileOf(d.Signed.Role); f != nil {
				f.add(signature{Signed: d.Signed, line: e, who: "not asked here: at " + d.Site, received: true})
			}
		case transcript.Written:
			if err := r.written(e, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// add takes a signature once: a resumed run may find and note it again.
func (f *signedFile) add(s signature) {
	for _, other := range f.signatures {
		if other.Signed == s.Signed {
			return
		}
	}
	f.signatures = append(f.signatures, s)
}

func (s *source) fileOf(role string) *signedFile {
	for i := range s.files {
		if s.files[i].planned.Role == role {
			return &s.files[i]
		}
	}
	return nil
}

func (r *reader) written(e transcript.Event, d transcript.Written) error {
	if err := r.metadata(r.stated.place(e.Seq), d.Path, d.SHA256, r.after); err != nil {
		return err
	}
	f := r.fileOf(d.Role)
	if f == nil {
		return fault.Errorf(fault.Unverified, "%s/%s:%d: writes %s, which the plan does not sign", r.stated.dir, transcript.File, e.Seq, d.Role)
	}
	f.written, f.file = &d, r.after[d.Role]
	return nil
}

// tokenBefore is the serial number of the token that made a signature: that of
// the intent before it.
func (r *reader) tokenBefore(line int, signed transcript.Signed) string {
	for i := line; i >= 0; i-- {
		if d, ok := r.events[i].Data.(transcript.Signing); ok && d.Key == signed.Key && d.SHA256 == signed.SHA256 {
			return d.Token
		}
	}
	return ""
}

// whoBefore is who consented to what the line is about.
func (r *reader) whoBefore(line int) string {
	for i := line; i >= 0 && r.events[i].Step == r.events[line].Step; i-- {
		switch d := r.events[i].Data.(type) {
		case transcript.Asked:
			return tell.Asked(d)
		case transcript.Unattended:
			if d.Fake {
				return "nobody: it is a rehearsal"
			}
			return fmt.Sprintf("nobody: token %s may sign unattended", d.Token)
		}
	}
	return "not told"
}

func choose(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
