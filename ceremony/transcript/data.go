package transcript

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Data is what a line of a transcript holds: one of the types of the data files. None
// of them has a field that could carry a PIN, which is a byte slice from the
// prompt to the token; a test looks at all of them.
type Data interface{ kind() Kind }

// Started begins a transcript: it binds the ceremony to the exact plan.
type Started struct {
	Plan digest.SHA256 `json:"plan"`           // of plan.yaml
	Room digest.SHA256 `json:"room"`           // of site.yaml
	Fake bool          `json:"fake,omitempty"` // it is a rehearsal

	// Runbook is the hash of runbook.html as it lay beside the plan, if it did.
	Runbook digest.SHA256 `json:"runbook,omitzero"`
}

// Resumed begins a later run of the same plan.
type Resumed struct {
	Plan digest.SHA256 `json:"plan"`
	Room digest.SHA256 `json:"room"`
}

// Rehearsed quotes the rehearsal of the plan that is about to run, as it lies on the
// disk: a claim, until somebody compares the head with the paper of that day. Without
// Head there was none.
type Rehearsed struct {
	Head  digest.SHA256 `json:"head,omitzero"`   // that was shown last
	State string        `json:"state,omitempty"` // finished, aborted, or what it is instead
	Time  time.Time     `json:"time,omitzero"`   // of its last line
	World string        `json:"world,omitempty"`
	Alone bool          `json:"alone,omitempty"` // nobody was asked: the steps were tried, and people practised nothing
}

// String says it in one line.
func (r Rehearsed) String() string {
	switch {
	case r.World == "":
		return "no rehearsal of this plan was found"
	case r.Head.IsZero():
		return fmt.Sprintf("this plan was rehearsed in %s, but %s", r.World, r.State)
	}
	who := ""
	if r.Alone {
		who = " without people"
	}
	return fmt.Sprintf("this plan was rehearsed%s in %s: %s on %s, head %.8s…", who, r.World, r.State, r.Time.Format(time.DateTime+"Z"), r.Head)
}

// Inspected is what preflight found of this machine and its tokens before a run.
type Inspected struct {
	Build   string        `json:"build"`   // what keyrite was built from
	Program digest.SHA256 `json:"program"` // of keyrite itself
	Lines   []Inspection  `json:"lines"`
}

// Inspection is one line of preflight.
type Inspection struct {
	Check    string  `json:"check"`        // which a waiver names, such as NETWORK
	Of       string  `json:"of,omitempty"` // interface, module or token
	Verdict  Verdict `json:"verdict"`
	Text     string  `json:"text"` // reads forwards: "network interface eth0 is up"
	WaivedBy string  `json:"waived-by,omitempty"`
	Because  string  `json:"because,omitempty"`
}

// Verdict is what a line of preflight comes to.
type Verdict string

// Every Verdict, from good to bad.
const (
	Pass   Verdict = "PASS"
	Waived Verdict = "WAIVED" // it fails, and site.yaml says who set that aside
	Warn   Verdict = "WARN"   // people should know it before they go on
	Fail   Verdict = "FAIL"
)

// Compared says that people typed words of their paper at places that were drawn
// at random: of the plan, of the room, or of the head of this transcript.
type Compared struct {
	What   string `json:"what"`
	Places []int  `json:"places"` // 1 to 32
}

// Checkpoint is a line whose hash was shown in words, for the witness's paper.
type Checkpoint struct{}

// Generating is durable before the token is asked: after a crash the key pair, or
// the half of one, is found again by this id and by nothing else.
type Generating struct {
	Key    string      `json:"key"`
	Type   hsm.KeyType `json:"type"`
	Token  string      `json:"token"` // serial
	ID     string      `json:"id"`    // CKA_ID, hexadecimal
	Backup bool        `json:"backup,omitempty"`
}

// Generated says what the token made, in its own words.
type Generated struct {
	Key         string        `json:"key"`
	Fingerprint digest.SHA256 `json:"fingerprint"` // of the public key's SPKI DER
	Record      digest.SHA256 `json:"record"`      // of keys/NAME.yaml
	Evidence    hsm.Evidence  `json:"evidence"`
}

// Vouched says who vouches for a key that enters a role.
type Vouched struct {
	Key         string        `json:"key"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
	By          string        `json:"by"`
}

// Reviewed is a file that was built, checked and shown.
type Reviewed struct {
	Role     string        `json:"role"`
	Version  int64         `json:"version"`
	SHA256   digest.SHA256 `json:"sha256"` // of the bytes to sign
	Policy   string        `json:"policy"`
	Passed   []string      `json:"passed"` // ids of the checks that passed
	Findings []Finding     `json:"findings,omitempty"`
}

// Finding is what a policy did not like, as plan and transcript state it.
type Finding struct {
	Check    string `yaml:"check" json:"check"`
	Severity string `yaml:"severity" json:"severity"`
	Role     string `yaml:"role,omitempty" json:"role,omitempty"`
	Message  string `yaml:"message" json:"message"`
	WaivedBy string `yaml:"waived-by,omitempty" json:"waived-by,omitempty"` // the person
	Because  string `yaml:"because,omitempty" json:"because,omitempty"`     // their reason
}

// FindingOf states a finding of a policy.
func FindingOf(f policies.Finding) Finding {
	found := Finding{Check: f.ID, Severity: string(f.Severity), Role: f.Role, Message: f.Message}
	if f.Waived != nil {
		found.WaivedBy, found.Because = f.Waived.Person, f.Waived.Reason
	}
	return found
}

// String is the finding in one line.
func (f Finding) String() string {
	line := f.Check + " " + f.Severity + ": " + f.Message
	if f.WaivedBy != "" {
		line += "; waived by " + f.WaivedBy + ": " + f.Because
	}
	return line
}

// Signing is durable before the token is asked: from here on the key has perhaps
// signed these bytes.
type Signing struct {
	Role    string        `json:"role"`
	Version int64         `json:"version"`
	Key     string        `json:"key"`
	Token   string        `json:"token"`  // serial
	SHA256  digest.SHA256 `json:"sha256"` // of the bytes to sign
}

// Signed is one signature, verified, as it lies in the ceremony's signatures
// folder.
type Signed struct {
	Role        string        `json:"role"`
	Version     int64         `json:"version"`
	Key         string        `json:"key"`
	Fingerprint digest.SHA256 `json:"fingerprint"`        // of the key's SPKI DER
	SHA256      digest.SHA256 `json:"sha256"`             // of the bytes that were signed
	Signature   string        `json:"signature"`          // base64
	External    bool          `json:"external,omitempty"` // it was made elsewhere and brought in

	// Record is the sequence number of the record that the token keeps of this
	// signature, and RecordHash its hash; 0 where the token keeps none.
	Record     int64         `json:"record,omitempty"`
	RecordHash digest.SHA256 `json:"record-hash,omitzero"`
}

// Received is a signature that another site made, verified here over the bytes that
// were reviewed here.
type Received struct {
	Site   string `json:"site"`
	Signed Signed `json:"signed"`
}

// Confirmed says that people compared the words of a key that another site holds: each
// site read them aloud.
type Confirmed struct {
	Key         string        `json:"key"`
	Site        string        `json:"site"`
	Fingerprint digest.SHA256 `json:"fingerprint"`
}

// Writing is durable before a file gets its name.
type Writing struct {
	Role    string        `json:"role"`
	Version int64         `json:"version"`
	Path    string        `json:"path"`
	SHA256  digest.SHA256 `json:"sha256"` // of the file
	Bytes   int           `json:"bytes"`
	Kept    string        `json:"kept,omitempty"`  // where the file that it replaces lies afterwards
	Found   bool          `json:"found,omitempty"` // it was in place already: another site had written it
}

// Written is a file in its place, read back.
type Written Writing

// Sealed is an emergency kit that was written: a root with fewer signatures than it
// needs, for which there is no Written.
type Sealed struct {
	Kit     string        `json:"kit"`
	Path    string        `json:"path"`
	Version int64         `json:"version"` // of root
	SHA256  digest.SHA256 `json:"sha256"`  // of the bytes to sign
	File    digest.SHA256 `json:"file"`    // of the kit's file, whose words lie with it
}

// Verified is the end of a ceremony: the repository as a client sees it.
type Verified struct {
	Until string         `json:"until,omitempty"` // the first role that is signed elsewhere and was left out, with those after it
	Files []VerifiedFile `json:"files"`
	Notes []roles.Note   `json:"notes,omitempty"`
}

// VerifiedFile is one file that a client took.
type VerifiedFile struct {
	Name    string        `json:"name"`
	Version int64         `json:"version"`
	SHA256  digest.SHA256 `json:"sha256"`
}

// Failed is a step, or something outside of steps, that did not come to its end.
type Failed struct {
	Code  fault.Word `json:"code"`
	Error string     `json:"error"`
}

// FailedBy is the failure of an error.
func FailedBy(err error) Failed { return Failed{fault.WordOf(err), err.Error()} }

// Note is what else belongs into the record.
type Note struct {
	Note   NoteKind      `json:"note"`
	Of     string        `json:"of"`              // what the kind says
	SHA256 digest.SHA256 `json:"sha256,omitzero"` // of a root that is trusted
	Text   string        `json:"text"`            // with that, in words
}

// NoteKind is what a note is about.
type NoteKind string

// Every NoteKind.
const (
	NoteWords    NoteKind = "words-differ"       // that were typed from a paper, of the plan, the room or a key
	NoteLeftover NoteKind = "leftover-destroyed" // of a key that an interrupted run had begun to make
	NoteRoot     NoteKind = "root-trusted"       // of a repository, since its hash was given
	NoteLedger   NoteKind = "ledger"             // of a key: what a token remembers, or how far it can
	NoteRecords  NoteKind = "records-kept"       // of a key: those that are superseded could not be destroyed
)

// Torn is a line that a crash had cut short and that was removed; it held no
// result.
type Torn struct {
	Bytes  int           `json:"bytes"`
	SHA256 digest.SHA256 `json:"sha256"`
}

// Mark is a version of a role that a ceremony signed, for those who come after
// it: no other bytes may have that version.
type Mark struct {
	Role    string        `json:"role"`
	Version int64         `json:"version"`
	SHA256  digest.SHA256 `json:"sha256"` // of the bytes to sign
	Placed  bool          `json:"placed"` // it came to be a file of the repository

	By []MarkedKey `json:"by,omitempty"` // the keys that signed it

	Kit string `json:"kit,omitempty"` // the emergency kit that holds it, signed below its threshold
}

// MarkedKey is a key that signed a marked version, and the record that its token
// keeps of that.
type MarkedKey struct {
	Key        digest.SHA256 `json:"key"` // fingerprint
	Record     int64         `json:"record,omitempty"`
	RecordHash digest.SHA256 `json:"record-hash,omitzero"`
}

// Finished ends a transcript: the ceremony is complete.
type Finished struct {
	Repository string `json:"repository"`
	Signed     []Mark `json:"signed,omitempty"`
}

// Aborted ends a transcript: the ceremony was closed before its end, by this site or by
// it for all.
type Aborted struct {
	Repository string `json:"repository"`
	Because    string `json:"because"`
	All        bool   `json:"all,omitempty"`
	Signed     []Mark `json:"signed,omitempty"`
}
