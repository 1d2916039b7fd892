package audit

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/evidence"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// SiteRequest says which published repository to look at, and with what to believe.
type SiteRequest struct {
	Path        string // published folder, folder of metadata, or bundle
	TrustedRoot string // file with a root that is trusted already; empty: the oldest that is published
	Evidence    string // bundle whose evidence names keys and ceremonies; empty: that of Path, if it has any
	Now         time.Time
}

// Site is what clients find at a published repository, beside its status: whence it is
// verified, and how it came about.
type Site struct {
	Path       string          `json:"path"`
	Trusted    SiteRoot        `json:"trusted"`                    // the root that verification begins with
	Given      bool            `json:"trusted-by-somebody"`        // it was given; else it is the oldest that is published, which proves nothing
	Roots      []SiteRoot      `json:"roots"`                      // verified, in ascending order, that one first
	Files      []SiteFile      `json:"files"`                      // verified, by role
	Images     int             `json:"images"`                     // that clients find
	Lost       []roles.Lost    `json:"lost,omitempty"`             // delegated roles that no client can use
	Server     []roles.Type    `json:"signed-by-server,omitempty"` // roles that are not there yet: a server signs them
	Notes      []roles.Note    `json:"notes,omitempty"`            // what is odd
	Ceremonies []*record.Chain `json:"ceremonies,omitempty"`       // that made it, as the evidence proves; the newest last
	Unverified string          `json:"unverified,omitempty"`       // why a client refuses what is there, in words; the rest is what it verified before
}

// SiteRoot is one root of the chain.
type SiteRoot struct {
	Version   int64           `json:"version"`
	Expires   time.Time       `json:"expires"`
	SHA256    digest.SHA256   `json:"sha256"` // of the whole file as it is published
	Signed    []roles.Counted `json:"signed"` // by a threshold of the root before, and of its own
	Threshold int             `json:"threshold"`
	Keys      []string        `json:"keys"`
}

// SiteFile is one file that a client has verified.
type SiteFile struct {
	Role   string        `json:"role"`
	Name   string        `json:"name"`
	SHA256 digest.SHA256 `json:"sha256"`
	Bytes  int           `json:"bytes"`
}

// ReadSite looks at a published repository as a client does that has its first root, but
// goes on where something has expired, and says so. A repository that a client refuses has
// a status too, of what was verified before, and an error.
func ReadSite(r SiteRequest) (*Status, *Site, error) {
	p, err := openPublished(r.Path)
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	if err := p.addEvidence(r.Evidence); err != nil {
		return nil, nil, err
	}
	v, err := newVisit(p, r)
	if err != nil {
		return nil, nil, err
	}
	err = v.look()
	if err != nil {
		v.site.Unverified = err.Error()
	}
	return v.status(), v.site, err
}

// addEvidence takes the evidence of a bundle in the place of what is published.
func (p *published) addEvidence(file string) error {
	if file == "" {
		return nil
	}
	b, err := bundle.Open(file)
	if err != nil {
		return err
	}
	e, found := b.Evidence()
	if !found {
		return fault.Errorf(fault.Usage, "%s: there is no evidence in it", file).Hint("keyrite bundle packs it, unless --no-evidence is given")
	}
	p.evidence = e
	return nil
}

// visit is a look at a published repository.
type visit struct {
	*published
	r      SiteRequest
	client *roles.Client
	site   *Site
	name   func(roles.Key) string
	fleet  string // and
	called string // what the evidence calls the repository
}

func newVisit(p *published, r SiteRequest) (*visit, error) {
	if err := p.meant(); err != nil {
		return nil, err
	}
	v := &visit{published: p, r: r, site: &Site{Path: r.Path, Given: r.TrustedRoot != ""}}
	root, where, err := v.trustedRoot()
	if err != nil {
		return nil, err
	}
	if v.client, err = clientFrom(p, root, where, r.Now); err != nil {
		return nil, err
	}
	v.called = strings.TrimSuffix(filepath.Base(filepath.Clean(r.Path)), ".tar")
	v.client.Tolerant, v.client.AllowExpired = true, true
	return v, nil
}

// trustedRoot is the root that verification begins with: one that somebody has, or the
// oldest that is published.
func (v *visit) trustedRoot() (data []byte, where string, err error) {
	if v.r.TrustedRoot != "" {
		data, err = disk.ReadFile(v.r.TrustedRoot, maxTrustedRoot)
		if err != nil {
			err = &fault.Error{Code: fault.Usage, Err: err}
		}
		return data, v.r.TrustedRoot, err
	}
	names, err := v.published.names()
	if err != nil {
		return nil, "", err
	}
	versions := signed.RootVersions(names)
	if len(versions) == 0 {
		return nil, "", fault.Errorf(fault.Unverified, "%s: there is no root metadata", v.r.Path)
	}
	name := strconv.FormatInt(slices.Min(versions), 10) + ".root.json"
	data, err = v.metadata.Get(name, maxTrustedRoot)
	return data, name, err
}

// names calls keys as the evidence does, and others by the beginnings of their ids.
func (v *visit) names() func(roles.Key) string {
	known := map[roles.Fingerprint]string{}
	if v.evidence != nil {
		records, err := workspace.View{Files: v.evidence}.Keys()
		if err == nil {
			for name, r := range records {
				known[r.Fingerprint()] = name
			}
		}
	}
	return func(k roles.Key) string {
		if name, is := known[k.Fingerprint]; is {
			return name
		}
		return string(k.ID[:min(12, len(k.ID))]) + "…"
	}
}

// look verifies all that is there. The evidence comes first: it says what keys are called.
func (v *visit) look() error {
	unproven := v.evidenceOf()
	if unproven != nil {
		v.evidence, v.fleet = nil, ""
	}
	v.name = v.names()
	v.client.KeyName = v.name
	_, err := signed.VerifyAll(v.client)
	if err = v.unreached(v.client, err); err != nil {
		return signed.Unverified(v.r.Path, err)
	}
	return cmp.Or(allMeant(v.r.Path, v.client), unproven)
}

func (v *visit) evidenceOf() (err error) {
	if v.evidence == nil {
		return nil
	}
	all, err := (evidence.Carried{Files: v.evidence, Published: v.metadata}).VerifyAll()
	if err != nil {
		return signed.Unverified(cmp.Or(v.r.Evidence, v.r.Path), err)
	}
	for _, c := range all {
		if ceremony, _, is := strings.Cut(c.Name, "/"); is && !record.IsCustody(c.Name) {
			p, _, err := plan.Read(v.evidence, ceremony)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if err == nil {
				v.fleet, v.called = p.Fleet, p.Repository
			}
			v.site.Ceremonies = append(v.site.Ceremonies, c)
		}
	}
	slices.SortStableFunc(v.site.Ceremonies, func(a, b *record.Chain) int { return a.Last.Compare(b.Last) })
	return nil
}
