package generate

import (
	"bytes"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// bad are the repositories that every client has to refuse: the list of the
// attacks and mistakes of TUF 1.0.34 §5 and Uptane Standard 2.1.0 §5.4.4.
func bad() []Case {
	return slices.Concat(rotations(), thresholds(), doubles(), clientOnly(expiries()), changes(), clientOnly(rollbacks()), tricks())
}

func clientOnly(cases []Case) []Case {
	for i := range cases {
		cases[i].ClientOnly = true
	}
	return cases
}

func rotations() []Case {
	signers := func(from, to int) func(*Repository) {
		return func(r *Repository) { r.Roots[1].Signers = r.Roots[1].Signers[from:to] }
	}
	return []Case{
		{Name: "root-old-keys-only", Says: "root 2 signed by the old keys only", Bend: signers(0, 2)},
		{Name: "root-new-keys-only", Says: "root 2 signed by the new keys only", Bend: signers(2, 4)},
		{Name: "root-old-one-short", Says: "root 2 signed by one old and two new keys", Bend: signers(1, 4)},
		{Name: "root-new-one-short", Says: "root 2 signed by two old and one new key", Bend: signers(0, 3)},
		{Name: "root-version-gap", Says: "2.root.json is version 3, signed by everybody", Bend: func(r *Repository) {
			roles.HeadOf(r.Roots[1].Body).Version = 3
			roles.HeadOf(r.Roots[2].Body).Version = 4
		}},
	}
}

// eachFile makes one case for each of the five kinds of files.
func eachFile(prefix, says string, bend func(*File)) []Case {
	files := []struct {
		name string
		of   func(*Repository) *File
	}{
		{"root", func(r *Repository) *File { return r.Roots[2] }},
		{"timestamp", func(r *Repository) *File { return r.Timestamp }},
		{"snapshot", func(r *Repository) *File { return r.Snapshot }},
		{"targets", func(r *Repository) *File { return r.Targets }},
		{"delegation", func(r *Repository) *File { return r.Delegated }},
	}
	var list []Case
	for _, f := range files {
		list = append(list, Case{
			Name:       prefix + f.name,
			Says:       f.name + " " + says,
			Delegation: f.name == "delegation",
			ClientOnly: f.name == "timestamp" || f.name == "snapshot",
			Bend:       func(r *Repository) { bend(f.of(r)) },
		})
	}
	return list
}

func thresholds() []Case {
	return eachFile("threshold-", "signed by one key too few", func(f *File) { f.Signers = f.Signers[:1] })
}

func expiries() []Case {
	return eachFile("expired-", "expired", func(f *File) { roles.HeadOf(f.Body).Expires = past })
}

// changes are files changed after signing. Whoever refers to them states the
// changed bytes, so that only the signature can tell.
func changes() []Case {
	list := eachFile("changed-", "with one byte changed", func(f *File) {
		f.Spoil = func(data []byte) []byte { return bytes.Replace(data, []byte(`"2099-`), []byte(`"2098-`), 1) }
	})
	other := func(signed map[string]any) {
		for _, entry := range signed["meta"].(map[string]any) {
			hashes := entry.(map[string]any)["hashes"].(map[string]any)
			for algorithm, digest := range hashes {
				hashes[algorithm] = strings.Repeat("0", len(digest.(string)))
			}
		}
	}
	return append(list, clientOnly([]Case{
		{Name: "changed-image", Says: "an image with one byte changed", Bend: func(r *Repository) {
			for _, content := range r.Images {
				content[0] ^= 1
			}
		}},
		{Name: "mixed-snapshot", Says: "a snapshot that is not the one that timestamp names", Bend: func(r *Repository) {
			r.Timestamp.Edit = other
		}},
		{Name: "mixed-targets", Says: "targets files that are not those that snapshot names", Bend: func(r *Repository) {
			r.Snapshot.Edit = other
		}},
	})...)
}

// rollbacks are honest files that are older than those seen before.
func rollbacks() []Case {
	to := func(targets, delegated, snapshot, timestamp int64) func(*Repository) {
		return func(r *Repository) { r.versions(targets, delegated, snapshot, timestamp) }
	}
	list := []Case{
		{Name: "rollback-timestamp", Says: "timestamp 4 after 5", Bend: to(3, 2, 4, 4)},
		{Name: "rollback-snapshot", Says: "timestamp 6 names snapshot 3 after 4", Bend: to(3, 2, 3, 6)},
		{Name: "rollback-targets", Says: "snapshot 5 names targets 2 after 3", Bend: to(2, 2, 5, 6)},
		{Name: "rollback-delegation", Delegation: true, Says: "snapshot 5 names the delegation's version 1 after 2", Bend: to(3, 1, 5, 6)},
	}
	for i := range list {
		list[i].Remembers = true
	}
	return list
}
