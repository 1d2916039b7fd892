package roles

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report says in words what a Client has verified and what it could not.
type Report struct {
	Format string         `json:"format"`
	Time   time.Time      `json:"time"` // the time that expiry was judged by
	Files  []VerifiedFile `json:"files"`
	Images int            `json:"images"`         // found by All
	Lost   []Lost         `json:"lost,omitempty"` // of a Tolerant client: delegated roles that cannot be used
	// Assignments are what CompareDirector found, by ECU.
	Assignments []Assignment `json:"assignments,omitempty"`
	// Elsewhere are the roles that a server has yet to sign; the files of all others
	// are verified.
	Elsewhere []Type `json:"elsewhere,omitempty"`
	Notes     []Note `json:"notes,omitempty"` // what was odd, or could not be verified
}

// Note is something odd that stops nobody.
type Note struct {
	Note NoteKind `json:"note"`
	File string   `json:"file,omitempty"` // or role, or path of an image, that it is about
	Text string   `json:"text"`           // with that, in words
}

func (n Note) String() string { return n.Text }

// NoteKind is what kind of oddity a note is of.
type NoteKind string

// Every NoteKind.
const (
	NoteExpired    NoteKind = "expired"               // for who is about to sign anew
	NoteSignature  NoteKind = "signature-of-no-use"   // to any threshold
	NoteKey        NoteKind = "key-of-no-use"         //
	NoteKeyID      NoteKind = "key-id"                // is not what the format computes
	NoteScheme     NoteKind = "scheme"                // that few clients take
	NoteTwins      NoteKind = "key-twice"             // some clients count it twice
	NoteObjection  NoteKind = "client-objects"        // some client or server to the file
	NoteCanonical  NoteKind = "not-canonical"         // vehicles hash another form
	NoteContent    NoteKind = "other-content"         // under a version that was seen before
	NoteState      NoteKind = "memory-ignored"        // what was remembered is of no use
	NoteReplaced   NoteKind = "keys-replaced"         // so that what was remembered does not count
	NoteImages     NoteKind = "images-unreachable"    // no client takes them from that role
	NoteLevels     NoteKind = "delegation-too-deep"   //
	NoteRoots      NoteKind = "many-roots"            // for one run of a client
	NoteGap        NoteKind = "root-missing"          // behind it are roots that nobody gets to
	NoteFreshness  NoteKind = "no-timestamp"          // a Director's
	NoteUnassigned NoteKind = "nothing-assigned"      // by a Director
	NoteUnfollowed NoteKind = "delegation-unfollowed" // by secondaries, which refuse what is assigned
)

// VerifiedFile is one file that a Client has verified.
type VerifiedFile struct {
	Name       string    `json:"name"`
	Role       string    `json:"role"`
	Version    int64     `json:"version"`
	Expires    time.Time `json:"expires"`
	Length     int       `json:"length"` // bytes
	SHA256     string    `json:"sha256"` // hexadecimal, of the whole file
	Signatures []Counted `json:"signatures"`
}

// Counted is a threshold that was met.
type Counted struct {
	By        string   `json:"by"` // whose keys these are: `root 3`, `targets 7`
	Keys      []string `json:"keys"`
	Threshold int      `json:"threshold"`
}

// Report returns what has been verified so far, also after an error.
func (c *Client) Report() *Report {
	c.report.Format, c.report.Time, c.report.Elsewhere = c.format.Name(), c.Now.UTC(), From(c.Until)
	return &c.report
}

// note records an observation once, of a file or an image.
func (c *Client) note(kind NoteKind, file, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if c.noted[text] {
		return
	}
	if c.noted == nil {
		c.noted = map[string]bool{}
	}
	c.noted[text] = true
	c.report.Notes = append(c.report.Notes, Note{kind, file, text})
}

// add reports a verified file with everything that is odd about it.
func (r *Report) add(c *Client, role string, file *File, counts []*Count) {
	head := HeadOf(file.Body)
	verified := VerifiedFile{
		Name: file.Name, Role: role, Version: head.Version, Expires: head.Expires,
		Length: len(file.Raw), SHA256: fmt.Sprintf("%x", file.SHA256()),
	}
	for _, count := range counts {
		signers := Counted{By: count.By, Threshold: count.Role.Threshold}
		for _, k := range count.Valid {
			signers.Keys = append(signers.Keys, c.keyName(k))
		}
		verified.Signatures = append(verified.Signatures, signers)
	}
	r.Files = append(r.Files, verified)
	c.noteSignatures(file, counts)
	c.noteKeys(file)
	for _, o := range file.Objections() {
		c.note(NoteObjection, file.Name, "%s: %s", file.Name, o)
	}
}

// noteSignatures notes signatures that are of no use to any of the thresholds:
// one by a key of before or after a rotation is of use.
func (c *Client) noteSignatures(file *File, counts []*Count) {
	for _, useless := range counts[len(counts)-1].Useless {
		used := slices.ContainsFunc(counts, func(count *Count) bool {
			return slices.ContainsFunc(count.Valid, func(k Key) bool { return k.ID == useless.KeyID })
		})
		if !used {
			c.note(NoteSignature, file.Name, "%s: %v", file.Name, useless)
		}
	}
}

// noteKeys notes keys that cannot be used, that stand there twice or sign by an
// old scheme, and key ids that are not what the format computes.
func (c *Client) noteKeys(file *File) {
	field, keys := listedKeys(file.Body)
	for _, k := range keys {
		if k.Problem != nil {
			c.note(NoteKey, file.Name, "%s: key %s cannot be used: %v", file.Name, k.ID, k.Problem)
		} else if err := k.CheckID(c.format); err != nil {
			c.note(NoteKeyID, file.Name, "%s: %v", file.Name, err)
		}
		if k.Scheme == RSAPKCS1v15SHA256 {
			c.note(NoteScheme, file.Name, "%s: key %s signs by the scheme %s, which go-tuf, tuf-js and tough do not take", file.Name, k.ID, k.Scheme)
		}
	}
	for _, t := range twins(keys) {
		c.note(NoteTwins, file.Name, "%s: signed.%s: %v: it is counted once here, by some clients twice", file.Name, field, t)
	}
}

func (c *Client) keyName(k Key) string {
	if c.KeyName != nil {
		return c.KeyName(k)
	}
	return string(k.ID[:min(len(k.ID), 8)])
}

// String is the report for people, one line for each file and note.
func (r *Report) String() string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(Printable(fmt.Sprintf(format, args...)))
		b.WriteByte('\n')
	}
	line("format %s, judged at %s", r.Format, FormatTime(r.Time))
	for _, f := range r.Files {
		line("%s: %s version %d, expires %s, %d bytes, sha256 %s", f.Name, f.Role, f.Version, FormatTime(f.Expires), f.Length, f.SHA256)
		for _, s := range f.Signatures {
			line("  signed by %s: %d of the keys of %s, want %d", strings.Join(s.Keys, ", "), len(s.Keys), s.By, s.Threshold)
		}
	}
	if r.Images > 0 {
		line("images listed by roles that are trusted for them: %d", r.Images)
	}
	if len(r.Assignments) > 0 {
		line("the Director assigns, and partial-verification ECUs take on its word alone:")
	}
	for _, a := range r.Assignments {
		line("  ECU %s (%s) is to install %s", a.ECU, a.HardwareID, a.Path)
	}
	for i := range r.Lost {
		for _, l := range r.Lost[i].lines() {
			line("%s", l)
		}
	}
	for _, n := range r.Notes {
		line("note: %s", n)
	}
	if len(r.Elsewhere) > 0 {
		line("complete up to %s, which the server signs", r.Elsewhere[0])
	}
	return b.String()
}
