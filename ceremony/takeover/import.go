package takeover

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Request says what to take in, and as what.
type Request struct {
	Repository string
	From       []string // folders and files
	Fleet      string   // of a new trust.yaml
	Policy     string   // preset that trust.yaml names; empty: tuf
	Online     []string // roles that an online service signs; empty: snapshot and timestamp, a Director's targets too

	// Root is the SHA-256 of the file of root 1, which somebody compared elsewhere.
	// Without it a person is asked to compare its words.
	Root digest.SHA256
}

// Taken is what was taken in.
type Taken struct {
	Repository string        `json:"repository"`
	Format     string        `json:"format"`
	Root       digest.SHA256 `json:"root"` // of the file of the root that was trusted
	Files      []File        `json:"files"`
	Keys       []Key         `json:"keys,omitempty"`
	Missing    []string      `json:"missing,omitempty"` // roles whose files were not there
	Notes      []Note        `json:"notes,omitempty"`
}

// File is a file that was taken in.
type File struct {
	Path    string        `json:"path"`
	Role    string        `json:"role"`
	Version int64         `json:"version"`
	Expires time.Time     `json:"expires"`
	SHA256  digest.SHA256 `json:"sha256"` // of the file

	data   []byte
	signed digest.SHA256
}

// Import makes a repository of the workspace from metadata that others signed: every
// root from 1, all roles and delegations, and their keys. Every signature is
// verified from root 1, which a person confirms. The workspace must not have the
// repository yet.
func Import(ctx context.Context, r room.Room, q Request) (*Taken, error) {
	lock, err := free(r.Workspace, q.Repository)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	found, err := Read(q.From)
	if err != nil {
		return nil, err
	}
	state, err := found.whole(q.Repository)
	if err != nil {
		return nil, err
	}
	if err := verify(signed.New(q.Repository, state.Format), state, r.Now()); err != nil {
		return nil, err
	}
	made, err := derive(r, q, found, state)
	if err != nil {
		return nil, err
	}
	taken := found.taken(q.Repository, signed.New(q.Repository, state.Format), state)
	taken.Keys = made.keys
	return taken, custody.Trace(r, func(log room.Log) error {
		if err := confirm(ctx, r, log, q, state.Roots[0]); err != nil {
			return err
		}
		if err := made.write(r.Workspace); err != nil {
			return err
		}
		if err := taken.place(r.Workspace, signed.New(q.Repository, state.Format)); err != nil {
			return err
		}
		if err := log.Append(0, transcript.ActorTool, taken.imported(found.Sources)); err != nil {
			return err
		}
		return made.declare(r.Workspace) // last: without it there is no repository
	})
}

// free refuses a repository that is in the workspace, and keeps others from it.
func free(ws *workspace.Workspace, repository string) (*workspace.Lock, error) {
	if !disk.Names.MatchString(repository) {
		return nil, fault.Errorf(fault.Usage, "repository is %q, %s", repository, disk.NamesRule)
	}
	there, err := ws.Exists(workspace.TrustFile)
	if err != nil {
		return nil, err
	}
	if there {
		trust, err := ws.Trust()
		if err != nil {
			return nil, err
		}
		if trust.Repositories[repository] != nil {
			return nil, fault.Errorf(fault.Usage, "%s has a repository %s already", workspace.TrustFile, repository).
				Hint("newer metadata of it comes in with: keyrite import --update --repository %s FILE", repository).
				Hint("another repository gets a name of its own: --repository NAME")
		}
	}
	return ws.Lock(repository)
}

// whole is everything that was found, from root 1.
func (f *Found) whole(repository string) (*signed.State, error) {
	if err := f.missingRoots(1); err != nil {
		refusal := fault.Errorf(fault.Incomplete, "%w; want every root from version 1: vehicles that leave the factory follow the whole chain", err).
			Hint("get them from the server (1.root.json, 2.root.json, …) and name them beside the others")
		for _, note := range f.Notes {
			refusal.Hint("%s", note)
		}
		return nil, refusal
	}
	return f.state(signed.New(repository, f.format))
}

// verify checks every signature. Where a new timestamp says what is published, all of
// that is verified as a client does. What has expired is no reason to refuse: it is to
// be renewed.
func verify(base, next *signed.State, now time.Time) error {
	if err := next.Verify(); err != nil {
		return err
	}
	for _, file := range append(slices.Collect(maps.Values(next.Files)), next.Roots...) {
		if fake := roles.FakeOf(file.Body); fake != nil { // before anything of it lies here
			return fault.Errorf(fault.Refused, "%s of %s is FAKE, of a rehearsal of %s: nothing of it is meant", file.Body.Type(), next.Dir, fake.Of)
		}
	}
	if err := newlyLost(base, next); err != nil {
		return err
	}
	if missing, _ := next.Missing("", signed.Nobody); missing != "" || next.Files["timestamp"] == base.Files["timestamp"] {
		return nil
	}
	client, err := roles.NewClient(next.Roots[0].Published(), next.Source(), now)
	if err != nil {
		return signed.Unverified(next.Dir, err)
	}
	client.AllowExpired = true
	if _, err := signed.VerifyAll(client); err != nil {
		return signed.Unverified(next.Dir, err)
	}
	return nil
}

// newlyLost refuses a delegated file that is of no use, or missing, unless it was so
// before: what comes in is sound, and one supplier stops nobody else's.
func newlyLost(base, next *signed.State) error {
	before := base.Clone()
	if before.Root() != nil {
		_ = before.Verify() // what is wrong with it, what comes in may mend
	}
	for _, now := range []struct{ next, before map[string]error }{{next.Lost, before.Lost}, {next.Passed, before.Passed}} {
		for _, role := range slices.Sorted(maps.Keys(now.next)) {
			if now.before[role] == nil {
				return now.next[role]
			}
		}
	}
	return nil
}

// confirm has a person compare root 1 with the one that vehicles have.
func confirm(ctx context.Context, r room.Room, log room.Log, q Request, root *roles.File) error {
	sum := digest.Of(root.Raw)
	if !q.Root.IsZero() {
		if q.Root != sum {
			return fault.Errorf(fault.Unverified, "root 1 is another one than you trust; got SHA-256 %s, want %s", sum, q.Root)
		}
		return log.Append(0, transcript.ActorPerson, transcript.Note{Note: transcript.NoteRoot, Of: q.Repository, SHA256: sum, Text: fmt.Sprintf("root 1 of %s, SHA-256 %s, is trusted: its hash was given", q.Repository, sum)})
	}
	if !r.Prompter.Asks() {
		return fault.Errorf(fault.Usage, "root 1 of %s has SHA-256 %s, and nobody is at a terminal to compare it", q.Repository, sum).
			Hint("compare it with the root that leaves the factory in vehicles, then add --root-sha256 HASH")
	}
	return r.Consent(ctx, log, room.Question{
		What: fmt.Sprintf("Everything of repository %s is trusted because its root 1 is. Compare it with the root\nthat leaves the factory in vehicles (sha256sum), not with the server it came from.\n  sha-256  %s\n  words\n%s",
			q.Repository, sum, r.Prompter.Terminal().Words(sum)),
		Phrase: "trust root 1 " + words.Of(sum[:2]),
	})
}

// taken lists the files that are new beside what is there.
func (f *Found) taken(repository string, base, next *signed.State) *Taken {
	t := &Taken{Repository: repository, Format: next.Format.Name(), Root: digest.Of(next.Roots[0].Raw), Files: []File{}, Notes: f.Notes}
	add := func(role, where string, file *roles.File) {
		head := roles.HeadOf(file.Body)
		t.Files = append(t.Files, File{where, role, head.Version, head.Expires, digest.Of(file.Raw), file.Raw, digest.Of(file.Signed)})
	}
	for i, root := range next.Roots[len(base.Roots):] {
		add("root", next.RootPath(int64(len(base.Roots)+i+1)), root)
	}
	for _, role := range order(next) {
		if file := next.Files[role]; file != base.Files[role] {
			add(role, next.Paths[role], file)
		}
	}
	for _, role := range workspace.TopLevel {
		if next.File(role) == nil {
			t.Missing = append(t.Missing, role)
		}
	}
	return t
}

// order lists roles as their files are published: each after those that it states
// (TUF 1.0.34 §6.3).
func order(s *signed.State) []string {
	last := []string{"targets", "snapshot", "timestamp"}
	var list []string
	for role := range s.Files {
		if !slices.Contains(last, role) {
			list = append(list, role)
		}
	}
	slices.Sort(list)
	for _, role := range last {
		if s.Files[role] != nil {
			list = append(list, role)
		}
	}
	return list
}

// imported is the line for the transcript.
func (t *Taken) imported(from []string) transcript.Imported {
	line := transcript.Imported{Repository: t.Repository, Root: t.Root, From: from, Files: []transcript.Mark{}, Missing: t.Missing}
	for _, f := range t.Files {
		line.Files = append(line.Files, transcript.Mark{Role: f.Role, Version: f.Version, SHA256: f.signed, Placed: true})
	}
	return line
}
