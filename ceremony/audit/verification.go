package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/evidence"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/judge"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// VerifyRequest says what to verify, and against what.
type VerifyRequest struct {
	Path         string        // folder of metadata, published folder, or bundle
	TrustedRoot  string        // file with a root that is trusted already
	Images       string        // folder of images; empty: those of Path, if it has any
	State        string        // folder of remembered metadata, the Director's in director/; empty: none
	Director     string        // Director repository to compare with; empty: none
	DirectorRoot string        // file with a trusted root of the Director
	Policy       string        // preset or policy file to hold it against; empty: `tuf`; NoPolicy: none
	Strict       bool          // one supplier's file that is missing, expired or broken refuses the repository
	Witnesses    []witness.Key // each must have signed the newest transcript of the evidence
	Complete     bool          // a bundle that leaves something to a server is refused
	Now          time.Time
}

// NoPolicy verifies as a client does, and holds the result against nothing.
const NoPolicy = "none"

// Verification is what `keyrite verify` found.
type Verification struct {
	Repository    *roles.Report    `json:"repository"`
	ImagesChecked int              `json:"images-checked"`
	Director      *roles.Report    `json:"director,omitempty"`
	Ceremonies    []*record.Chain  `json:"ceremonies,omitempty"` // that made these files, as the evidence proves
	Policy        *policies.Result `json:"policy,omitempty"`
	Client        *judge.Result    `json:"client,omitempty"` // what the fleet's own client says
}

// Verify does everything that a full-verification ECU does (Uptane Standard
// 2.1.0 §5.4.4.2), from public data only. After an error it returns what was
// verified before it; all is, where the error says that the policy refuses it.
func Verify(r VerifyRequest) (*Verification, error) {
	image, err := openToCheck(r.Path, r.Images)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	client, err := newVerifier(image, r.TrustedRoot, r.State, r.Now)
	if err != nil {
		return nil, err
	}
	client.Tolerant = !r.Strict
	if r.Complete {
		client.Until = ""
	}
	v := &Verification{Repository: client.Report()}
	trusted := client.File("root")
	listed, err := signed.VerifyAll(client)
	if err := image.unreached(client, err); err != nil {
		return v, image.otherRoot(r.TrustedRoot, trusted, signed.Unverified(r.Path, err))
	}
	if err := allMeant(r.Path, client); err != nil {
		return v, err
	}
	if v.ImagesChecked, err = image.images.check(namesOf(client), listed); err != nil {
		return v, signed.Unverified(r.Path, err)
	}
	if v.Ceremonies, err = image.proven(r.Witnesses); err != nil {
		return v, signed.Unverified(r.Path, err)
	}
	if r.Director != "" {
		if v.Director, err = verifyDirector(r, client); err != nil {
			return v, err
		}
	}
	if r.Policy == NoPolicy {
		return v, nil
	}
	result, err := policyOf(client, image, r)
	if err != nil {
		return v, err
	}
	v.Policy = &result
	return v, scene.RefusedBy(result)
}

// proven checks the evidence, if there is any, and the witnesses who are asked for.
func (p *published) proven(keys []witness.Key) (chains []*record.Chain, err error) {
	if p.evidence != nil {
		if chains, err = (evidence.Carried{Files: p.evidence, Published: p.metadata}).VerifyAll(); err != nil {
			return nil, err
		}
	}
	return chains, evidence.Witnessed(chains, keys)
}

// otherRoot adds to an error that the root that is trusted is not the one that is
// published under its version, which explains that its keys signed nothing here.
func (p *published) otherRoot(name string, trusted *roles.File, err *fault.Error) *fault.Error {
	version := roles.HeadOf(trusted.Body).Version
	there, getErr := p.metadata.Get(fmt.Sprintf("%d.root.json", version), maxTrustedRoot)
	if getErr != nil || bytes.Equal(there, trusted.Published()) {
		return err
	}
	return err.Hint("%s is not the root %d that is published here: it belongs to another repository, or one of the two was changed", name, version)
}

// unreached says what keeps a client from roots that are published, which
// explains most errors that follow; without one it is a note.
func (p *published) unreached(client *roles.Client, err error) error {
	names, namesErr := p.names()
	if namesErr != nil {
		return errors.Join(err, namesErr)
	}
	newest := roles.HeadOf(client.Root()).Version
	for _, version := range signed.RootVersions(names) {
		if version <= newest+1 {
			continue
		}
		gap := fmt.Errorf("%d.root.json is missing, but %d.root.json is there: clients stop at root %d", newest+1, version, newest)
		if err != nil {
			return fmt.Errorf("%w; %w", gap, err)
		}
		client.Report().Notes = append(client.Report().Notes, roles.Note{Note: roles.NoteGap, File: fmt.Sprintf("%d.root.json", newest+1), Text: gap.Error()})
		break
	}
	return err
}

// policyOf holds verified metadata, of which nothing else is known, against a
// policy. The published roots count, not only those from the trusted one on.
func policyOf(client *roles.Client, p *published, r VerifyRequest) (policies.Result, error) {
	names, err := p.names()
	if err != nil {
		return policies.Result{}, err
	}
	files := map[string]*roles.File{}
	for _, f := range client.Report().Files {
		files[f.Role] = client.File(f.Role)
	}
	return checkFiles(client.Format(), files, signed.RootVersions(names), PolicyRequest{Policy: r.Policy, Now: r.Now})
}

// verifyDirector verifies the Director repository and compares what it assigns
// with what the Image repository lists (step 10).
func verifyDirector(r VerifyRequest, image *roles.Client) (*roles.Report, error) {
	if r.DirectorRoot == "" {
		return nil, fault.Errorf(fault.Usage, "--director needs --director-root, a root of the Director that is trusted already")
	}
	published, err := openPublished(r.Director)
	if err != nil {
		return nil, err
	}
	defer published.Close()
	state := r.State
	if state != "" {
		state = filepath.Join(state, "director")
	}
	client, err := newVerifier(published, r.DirectorRoot, state, r.Now)
	if err != nil {
		return nil, err
	}
	client.Director = true
	if err := client.Refresh(); err != nil {
		return client.Report(), signed.Unverified(r.Director, err)
	}
	if err := allMeant(r.Director, client); err != nil {
		return client.Report(), err
	}
	if client.Targets() == nil {
		return client.Report(), nil // a server assigns: there is nothing to compare yet
	}
	if err := roles.CompareDirector(client, image); err != nil {
		return client.Report(), signed.Unverified(r.Director, err)
	}
	return client.Report(), nil
}

func newVerifier(p *published, trustedRoot, state string, now time.Time) (*roles.Client, error) {
	if err := p.meant(); err != nil {
		return nil, err
	}
	root, err := disk.ReadFile(trustedRoot, maxTrustedRoot)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: err}
	}
	client, err := clientFrom(p, root, trustedRoot, now)
	if err == nil && state != "" {
		client.State, err = openState(state)
	}
	return client, err
}

// clientFrom is a client that has a root, which lies somewhere.
func clientFrom(p *published, root []byte, where string, now time.Time) (*roles.Client, error) {
	client, err := roles.NewClient(root, p.metadata, now)
	if err != nil {
		return nil, signed.Unverified(where, err)
	}
	client.Until, client.Newest = p.server, p.newestOf(client.Format())
	return client, nil
}

// newestOf tells the versions of the newest files, by their names.
func (p *published) newestOf(f roles.Format) func(role string) int64 {
	return func(role string) int64 {
		names, err := p.names()
		if err != nil {
			return 0 // the file itself is asked for next
		}
		return signed.NewestVersions(f, names)[role]
	}
}

const maxTrustedRoot = 1 << 20

// stateDir is what a client remembers, as files of a folder.
type stateDir struct {
	folder *disk.Folder
	layout *disk.Layout
}

func openState(dir string) (stateDir, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return stateDir{}, err
	}
	folder, err := disk.Open(dir)
	return stateDir{folder, disk.NewLayout(folder, isRemembered)}, err
}

// isRemembered says that a name is one of [roles.State].
func isRemembered(name string) bool { return path.Ext(name) == ".json" && path.Base(name) == name }

func (s stateDir) Load(name string) ([]byte, error) { return s.folder.Read(name, disk.MaxInput) }

func (s stateDir) Save(name string, data []byte) error { return s.layout.Overwrite(name, data) }
