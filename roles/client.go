package roles

import (
	"bytes"
	"fmt"
	"sync"
	"time"
)

// Source gives the files of a repository's metadata folder: a directory, a
// bundle, a web server.
type Source interface {
	// Get returns the whole file of that name, which may have folders in it. It is
	// called by several at once.
	// The error satisfies errors.Is(err, fs.ErrNotExist) when there is no such
	// file. A file of more than limit bytes is an error.
	Get(name string, limit int64) ([]byte, error)
}

// ParsedSource is a Source of files that this process has read with [Read]
// already. They are not parsed and hashed a second time: same bytes, same file.
type ParsedSource interface {
	Source
	// File is the file whose Raw is what Get returns, nil for none.
	File(name string) *File
}

// State is what a client remembers from run to run: verified files under their
// names without version (`root.json`, `snapshot.json`, `ROLE.json`).
type State interface {
	// Load returns a remembered file. The error satisfies
	// errors.Is(err, fs.ErrNotExist) when there is none.
	Load(name string) ([]byte, error)
	Save(name string, data []byte) error
}

// Client verifies one repository as a full-verification ECU does (Uptane
// Standard 2.1.0 §5.4.4.2, steps 2 to 5 and 6 to 9; TUF 1.0.34 §5). It asks its
// Source for one file at a time, in the order of the specification, and hands
// each verified file to its State before it asks for the next; [Client.All] asks for
// files of delegated roles ahead.
//
// The exported fields are set between NewClient and Refresh. A Client serves
// one run: its time is fixed (TUF 1.0.34 §5.1).
type Client struct {
	Metadata Source
	Now      time.Time // equal to a file's expiry means expired
	State    State     // nil remembers nothing: no rollback across runs is seen

	// Director says that this is a Director repository: it has no delegations
	// (Uptane Standard 2.1.0 §5.4.4.6), and in ota-ce it may lack timestamp and
	// snapshot, which aktualizr never reads.
	Director bool
	// Reuse takes remembered files that the metadata still names instead of
	// asking for them, as a client on a network does. Whoever judges a
	// repository leaves it off.
	Reuse bool
	// AllowExpired notes expired files instead of refusing them, for who is
	// about to sign them anew.
	AllowExpired bool
	// Partial looks at the targets of a Director and nothing else, by the trusted root
	// whatever its age, as a partial-verification ECU does with what its Primary hands
	// it (Uptane Standard 2.1.0 §5.4.4.1).
	Partial bool
	// Tolerant goes on where a delegated file is missing, expired or broken, and
	// reports what is lost with it: one supplier does not hide all others. The
	// top-level files are held to everything.
	Tolerant bool
	// Until is the first role of targets, snapshot, timestamp whose file a server
	// has yet to sign: neither it nor what comes after it is looked at, and what
	// comes before it is verified as that server will find it. Empty: all are.
	Until Type
	// Newest tells the version of the newest file of a role that no verified file
	// states. It is not asked where names hold no versions; nil knows none.
	Newest func(role string) int64
	// KeyName names keys in the report; nil shows the start of the key id.
	KeyName func(Key) string

	format     Format
	roots      []*File
	trusted    *Count           // who signed the trusted root
	files      map[string]*File // verified files by role
	remembered map[string]*File // of the State, as far as they still count
	seen       map[string]*File // the State of a Vehicle, by role; nil for all others
	report     Report
	noted      map[string]bool          // notes of the report
	vouched    map[*DelegatedRole]error // delegations that were followed, and why their file is refused
	ahead      map[string]*fetched      // files of delegated roles that the walk has yet to come to
	reading    sync.WaitGroup           // whoever reads them
	refused    map[string]*File         // files of roles that are lost, where their signatures are good
	losses     losses
	indexes    map[*Delegations]index // of the delegations that were looked into
	tried      map[*DelegatedRole]int // patterns, in all searches, by supplier; under nil those of the top-level targets
}

// NewClient makes a client that trusts the given root metadata, of any version
// and expiry, whose own threshold must be met. The root decides the format.
func NewClient(trustedRoot []byte, metadata Source, now time.Time) (*Client, error) {
	f, err := DetectFormat(trustedRoot)
	if err != nil {
		return nil, InFile("trusted root", err)
	}
	root, err := Read(f, TypeRoot, trustedRoot)
	if err != nil {
		return nil, InFile("trusted root", err)
	}
	root.Name = "trusted root"
	return clientOf(root, metadata, now)
}

func clientOf(root *File, metadata Source, now time.Time) (*Client, error) {
	c := &Client{Metadata: metadata, Now: now, format: root.Format, files: map[string]*File{}, ahead: map[string]*fetched{}, refused: map[string]*File{}, vouched: map[*DelegatedRole]error{}, indexes: map[*Delegations]index{}, tried: map[*DelegatedRole]int{}}
	count, err := rootAuthority(root, TypeRoot).check(root)
	if err != nil {
		return nil, err
	}
	c.roots, c.files["root"], c.trusted = []*File{root}, root, count
	return c, nil
}

// Refresh verifies the top-level metadata: the chain of roots, timestamp,
// snapshot, targets, as far as Until. After an error, what was verified before
// it stays available.
func (c *Client) Refresh() error {
	steps := []func() error{c.updateRoot, c.recall, c.updateTimestamp, c.updateSnapshot, c.updateTargets}
	if c.Partial {
		steps = []func() error{c.keepRoot, c.recall, c.updateTargets}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Format is the repository's wire format.
func (c *Client) Format() Format { return c.format }

// Roots are the verified roots in ascending order, the trusted one first.
func (c *Client) Roots() []*File { return c.roots }

// File returns the verified file of a role, nil when there is none. The role
// may be a top-level or a delegated one.
func (c *Client) File(role string) *File { return c.files[role] }

// Root returns the newest verified root.
func (c *Client) Root() *Root { return bodyOf[*Root](c.roots[len(c.roots)-1]) }

// Timestamp, Snapshot, Targets and Delegated return what has been verified,
// nil before that.
func (c *Client) Timestamp() *Timestamp          { return bodyOf[*Timestamp](c.files["timestamp"]) }
func (c *Client) Snapshot() *Snapshot            { return bodyOf[*Snapshot](c.files["snapshot"]) }
func (c *Client) Targets() *Targets              { return bodyOf[*Targets](c.files["targets"]) }
func (c *Client) Delegated(role string) *Targets { return bodyOf[*Targets](c.files[role]) }

func bodyOf[T Body](file *File) (body T) {
	if file != nil {
		body, _ = file.Body.(T)
	}
	return body
}

// authority is who may sign a file, and who says so.
type authority struct {
	role Role
	keys []Key
	by   string // `root 3`, `targets 7`
}

// rootAuthority is what a root says of a top-level role.
func rootAuthority(root *File, t Type) authority {
	body := root.Body.(*Root)
	return authority{*body.Role(string(t)), body.Keys, fmt.Sprintf("root %d", body.Version)}
}

// check counts the signatures of a file.
func (a authority) check(file *File) (*Count, error) {
	count := CheckThreshold(file, a.role, a.keys)
	count.By = a.by
	if err := count.Err(); err != nil {
		refusal := &Error{File: file.Name, Field: "signatures", Offset: -1, Attack: ArbitrarySoftware, Err: err}
		if count.honest() {
			refusal.Attack = ""
		}
		return nil, refusal
	}
	return count, nil
}

// checkVersion demands the version that the referrer states, if there is one.
func checkVersion(file *File, stated Meta, referrer string) error {
	if got, want := HeadOf(file.Body).Version, stated.Version; want > 0 && got != want {
		return refused(file.Name, "signed.version", MixAndMatch, "got %d, want %d as %s says", got, want, referrer)
	}
	return nil
}

// checkExpiry demands that the time lies below the expiry (Uptane Standard
// 2.1.0 §5.4.4.3 to 6).
func (c *Client) checkExpiry(file *File) error {
	expires := HeadOf(file.Body).Expires
	if c.Now.Before(expires) {
		return nil
	}
	err := refused(file.Name, "signed.expires", Freeze, "it expired at %s; the time is %s", FormatTime(expires), FormatTime(c.Now))
	if c.AllowExpired {
		c.note(NoteExpired, file.Name, "%v", err)
		return nil
	}
	return err
}

// checkRollback refuses a file that is older than the remembered one.
func (c *Client) checkRollback(file, old *File) error {
	if old == nil {
		return nil
	}
	got, least := HeadOf(file.Body).Version, HeadOf(old.Body).Version
	if got < least {
		return refused(file.Name, "signed.version", Rollback, "got %d, want at least %d, which was seen before", got, least)
	}
	if got == least && !bytes.Equal(file.Signed, old.Signed) {
		c.note(NoteContent, file.Name, "%s: version %d has other content than the version %d that was seen before", file.Name, got, got)
	}
	return nil
}

// trust takes a verified file into the client and its report.
func (c *Client) trust(role string, file *File, counts ...*Count) {
	if role == string(TypeRoot) {
		c.roots = append(c.roots, file)
	}
	c.files[role] = file
	if c.seen == nil {
		c.report.add(c, role, file, counts)
	}
}

// accept trusts a verified file, if vehicles take it, and remembers it before the
// next is asked for.
func (c *Client) accept(role string, file *File, counts ...*Count) error {
	if o := refusal(file.Objections()); o != nil {
		return refused(file.Name, o.Field, "", "%w", o.Err)
	}
	c.trust(role, file, counts...)
	if c.seen != nil {
		c.seen[role] = file
	}
	if c.State == nil {
		return nil
	}
	if err := c.State.Save(fileName(role), file.Raw); err != nil {
		return fmt.Errorf("remembering %s: %w", file.Name, err)
	}
	return nil
}
