package audit

import (
	"cmp"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// status is what the client has verified, as a workspace tells it of itself. Nothing says
// when a file is due for renewal: it is when it expires.
func (v *visit) status() *Status {
	report := v.client.Report()
	v.site.Images, v.site.Lost, v.site.Server, v.site.Notes = report.Images, report.Lost, report.Elsewhere, report.Notes
	repo := RepositoryStatus{Name: v.called, Format: report.Format, Roles: []RoleStatus{}}
	signers := map[string][]roles.Counted{}
	for _, f := range report.Files {
		signers[f.Name] = f.Signatures
		if f.Role == "root" {
			continue
		}
		sum, _ := digest.Parse(f.SHA256) // its own
		v.site.Files = append(v.site.Files, SiteFile{f.Role, f.Name, sum, f.Length})
	}
	v.roots(signers)
	for _, f := range slices.Concat(newestRoot(report.Files), withoutRoots(report.Files)) {
		repo.Roles = append(repo.Roles, v.role(f))
	}
	for _, l := range report.Lost {
		repo.Lost = append(repo.Lost, LostFile{Role: l.Role, State: Unusable, Problem: &l.Problem})
	}
	return &Status{Fleet: v.fleet, Repositories: []RepositoryStatus{repo}, Sites: map[string][]sites.State{}, published: true}
}

func (v *visit) roots(signers map[string][]roles.Counted) {
	for _, file := range v.client.Roots() {
		body := file.Body.(*roles.Root)
		r := SiteRoot{Version: body.Version, Expires: body.Expires, SHA256: digest.Of(file.Raw), Signed: signers[file.Name], Threshold: body.Role("root").Threshold}
		r.Keys = v.keys(body.Role("root").KeyIDs, body.Keys)
		v.site.Roots = append(v.site.Roots, r)
	}
	v.site.Trusted = v.site.Roots[0]
}

// keys names the keys of a role.
func (v *visit) keys(ids []roles.KeyID, keys []roles.Key) []string {
	names := []string{}
	for _, k := range keys {
		if slices.Contains(ids, k.ID) {
			names = append(names, v.name(k))
		}
	}
	slices.Sort(names)
	return names
}

func newestRoot(files []roles.VerifiedFile) (newest []roles.VerifiedFile) {
	for _, f := range files {
		if f.Role == "root" {
			newest = []roles.VerifiedFile{f}
		}
	}
	return newest
}

// withoutRoots are the other files: targets and what they delegate to, then snapshot and
// timestamp, which state them.
func withoutRoots(files []roles.VerifiedFile) []roles.VerifiedFile {
	last := []string{"snapshot", "timestamp"}
	list := slices.DeleteFunc(slices.Clone(files), func(f roles.VerifiedFile) bool { return f.Role == "root" })
	slices.SortStableFunc(list, func(a, b roles.VerifiedFile) int {
		return cmp.Compare(slices.Index(last, a.Role), slices.Index(last, b.Role))
	})
	return list
}

func (v *visit) role(f roles.VerifiedFile) RoleStatus {
	now := v.r.Now
	s := RoleStatus{Role: f.Role, Version: f.Version, Expires: f.Expires, Renew: f.Expires, In: words.Between(now, f.Expires), Overdue: !now.Before(f.Expires)}
	for _, counted := range f.Signatures[len(f.Signatures)-1:] { // of a root, by its own keys
		s.Threshold, s.SignedBy = counted.Threshold, slices.Sorted(slices.Values(counted.Keys))
	}
	s.Keys = v.trustedFor(f.Role)
	if t := v.client.Delegated(f.Role); t != nil {
		s.Images = len(t.Images)
	}
	return s
}

// trustedFor names the keys that may sign a role: by root, or by a delegation.
func (v *visit) trustedFor(role string) []string {
	root := v.client.Root()
	if r := root.Role(role); r != nil {
		return v.keys(r.KeyIDs, root.Keys)
	}
	for _, f := range v.client.Report().Files {
		t := v.client.Delegated(f.Role)
		if t == nil || t.Delegations == nil {
			continue
		}
		for _, d := range t.Delegations.Roles {
			if d.Name == role {
				return v.keys(d.KeyIDs, t.Delegations.Keys)
			}
		}
	}
	return []string{}
}
