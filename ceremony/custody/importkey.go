package custody

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// ImportRequest is somebody else's public key.
type ImportRequest struct {
	Name string // in this workspace
	File string // as it was named, for messages
	Data []byte // its content: a public key, or a key record with its proof of possession

	// Compared says who compared the words; nil asks the people who are there.
	Compared *workspace.Comparison
}

// Imported is a key that was taken in, and what people should know of it.
type Imported struct {
	Record   *workspace.KeyRecord `json:"key"`
	Findings []string             `json:"findings,omitempty"` // what is odd about it, and no reason to refuse it
}

// ImportKey takes in somebody else's public key. Who compared its words, with whom
// and by what channel, is asked and stands in the record and in the transcript: a
// statement of people, and no proof. Nobody has, where nobody says so.
func ImportKey(ctx context.Context, r room.Room, request ImportRequest) (*Imported, error) {
	if !disk.Names.MatchString(request.Name) {
		return nil, fault.Errorf(fault.Usage, "key name is %q, %s", request.Name, disk.NamesRule)
	}
	record, err := request.read(r)
	if err != nil {
		return nil, err
	}
	if err := refuseFake(r.Workspace, record); err != nil {
		return nil, err
	}
	if err := request.isNew(r, record); err != nil {
		return nil, err
	}
	if record.Compared, err = request.compared(ctx, r, record); err != nil {
		return nil, err
	}
	err = trace(r, func(log *log) error {
		if err := r.Workspace.AddKey(record); err != nil {
			return err
		}
		line := transcript.ImportedKey{Key: request.Name, Fingerprint: digest.SHA256(record.Fingerprint()), File: digest.Of(request.Data)}
		if c := record.Compared; c != nil {
			line.ComparedBy, line.With, line.Channel = c.By, c.With, c.Channel
		}
		return log.Append(0, transcript.ActorTool, line)
	})
	if err != nil {
		return nil, err
	}
	findings, err := request.findings(r, record)
	return &Imported{record, findings}, err
}

// read makes the record of the key.
func (request ImportRequest) read(r room.Room) (*workspace.KeyRecord, error) {
	if bytes.Contains(request.Data, []byte("keyids:")) && secret(request.Data) == "" {
		record, err := workspace.ParseKeyRecord(request.File, request.Name, request.Data)
		if err == nil {
			record.Compared = nil // what others compared is their affair
		}
		return record, err
	}
	public, err := readPublicKey(request.File, request.Data)
	if err != nil {
		return nil, err
	}
	return workspace.NewKeyRecord(request.Name, public, r.Now())
}

// isNew refuses a name that is taken, and a key that has another name: it would count
// twice for a threshold.
func (request ImportRequest) isNew(r room.Room, record *workspace.KeyRecord) error {
	records, err := r.Workspace.Keys()
	if err != nil {
		return err
	}
	for other, known := range records {
		if known.Fingerprint() == record.Fingerprint() {
			return fault.Errorf(fault.Refused, "key %s: the same public key is there already as %s", request.Name, other)
		}
	}
	path := workspace.KeyPath(request.Name)
	if taken, err := r.Workspace.Exists(path); err != nil || taken {
		return errors.Join(err, fault.Errorf(fault.Failed, "%s: %w, with another key; nothing is ever overwritten", path, fs.ErrExist))
	}
	return nil
}

// compared asks who compared the words of the key; nil where nobody has.
func (request ImportRequest) compared(ctx context.Context, r room.Room, record *workspace.KeyRecord) (*workspace.Comparison, error) {
	if c := request.Compared; c != nil {
		return c, c.Check()
	}
	if !r.Prompter.Asks() {
		return nil, nil
	}
	print := record.Fingerprint()
	r.Prompter.Say("The key in %s is %s.\nSHA-256  %x\nwords    %s\nRead the words to whoever holds the key, over a channel that did not bring the file.",
		request.File, record.Type, print, words.Of(print[:8]))
	c := &workspace.Comparison{At: r.Now()}
	for _, q := range []struct {
		question string
		answer   *string
	}{{"Who compared the words (nothing: nobody has)? ", &c.By}, {"With whom? ", &c.With}, {"By what channel, such as telephone or in person? ", &c.Channel}} {
		answer, err := r.Prompter.Line(ctx, q.question)
		if err != nil {
			return nil, err
		}
		if *q.answer = answer; c.By == "" {
			return nil, nil
		}
	}
	return c, c.Check()
}

// findings are what is not as it should be with a key that was taken in all the same.
func (request ImportRequest) findings(r room.Room, record *workspace.KeyRecord) (findings []string, err error) {
	trust, err := r.Workspace.Trust()
	if err != nil {
		return nil, err
	}
	var at []string
	for _, name := range trust.RepositoryNames() {
		repo := trust.Repositories[name]
		decl, declared := repo.Keys[request.Name]
		if !declared {
			continue
		}
		at = append(at, name)
		if decl.Public == "" {
			findings = append(findings, fmt.Sprintf("%s: %s says that a token here makes the key; for somebody else's: public: %s", trust.FileName(), repo.Path("keys", request.Name), workspace.KeyPath(request.Name)))
		}
		if decl.Fingerprint.IsZero() && record.Compared != nil {
			findings = append(findings, fmt.Sprintf("%s: %s has no fingerprint; what was compared is fingerprint: %x", trust.FileName(), repo.Path("keys", request.Name), record.Fingerprint()))
		}
	}
	if at == nil {
		findings = append(findings, fmt.Sprintf("%s knows no key %s: it is of no use until a repository lists it", trust.FileName(), request.Name))
	}
	if record.Compared == nil {
		findings = append(findings, "nobody has compared the words: they vouch for nothing until somebody does, and writes fingerprint: into "+trust.FileName())
	}
	slices.Sort(findings)
	return findings, nil
}

// refuseFake refuses a key of a rehearsal, by its record's token or by its value.
func refuseFake(ws *workspace.Workspace, record *workspace.KeyRecord) error {
	if err := ws.Belongs(record); err != nil {
		return err
	}
	return ws.NotFake(map[string]digest.SHA256{record.Name: digest.SHA256(record.Fingerprint())})
}
