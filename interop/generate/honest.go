package generate

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/roles"
)

// Profile is the shape of an honest repository.
type Profile struct {
	Format roles.Format
	Kinds  []kind // types of keys, dealt out in turn
	// Delegated is the path of the delegated image, Pattern what is delegated.
	Delegated, Pattern string
}

// Expiry dates of good and of expired metadata.
var (
	future = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	past   = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
)

// dealer makes keys of the profile's types in turn.
type dealer struct {
	profile Profile
	dealt   int
	err     error
}

func (d *dealer) keys(n int) []*Key {
	list := make([]*Key, n)
	for i := range list {
		k, err := newKey(d.profile.Format, d.profile.Kinds[d.dealt%len(d.profile.Kinds)])
		if err != nil && d.err == nil {
			d.err = err
		}
		list[i] = k
		d.dealt++
	}
	return list
}

// Honest makes a repository as keyrite would: root 2 of 3 in versions 1 to 3,
// the second with new keys throughout, the third with one key replaced;
// targets 2 of 3, everything else 2 of 2; one terminating delegation.
func Honest(p Profile) (*Repository, error) {
	d := &dealer{profile: p}
	first, second := d.keys(3), d.keys(3)
	third := append(d.keys(1), second[1:]...)
	targets, delegated, snapshot, timestamp, spare := d.keys(3), d.keys(2), d.keys(2), d.keys(2), d.keys(4)
	if d.err != nil {
		return nil, d.err
	}
	r := &Repository{Format: p.Format, Delegate: "firmware", Spare: spare, Images: map[string][]byte{
		"readme.txt": []byte("what the fleet runs\n"),
		p.Delegated:  []byte("an image of " + p.Delegated + "\n"),
	}}
	for i, keys := range [][]*Key{first, second, third} {
		root := roles.NewRoot(p.Format)
		root.Head = head(int64(i + 1))
		root.SetRole("root", 2, publics(keys))
		root.SetRole("targets", 2, publics(targets))
		root.SetRole("snapshot", 2, publics(snapshot))
		root.SetRole("timestamp", 2, publics(timestamp))
		r.Roots = append(r.Roots, &File{Body: root, Signers: keys[:2]})
	}
	r.Roots[1].Signers = slices.Concat(first[:2], second[:2])
	r.Roots[2].Signers = slices.Concat(third[:2], second[2:])
	r.Snapshot = &File{Body: &roles.Snapshot{Head: head(4)}, Signers: snapshot}
	r.Timestamp = &File{Body: &roles.Timestamp{Head: head(5)}, Signers: timestamp}
	if err := r.list(p, targets, delegated); err != nil {
		return nil, err
	}
	return r, nil
}

// list makes the two targets files.
func (r *Repository) list(p Profile, targets, delegated []*Key) error {
	top, err := r.image("readme.txt")
	if err != nil {
		return err
	}
	image, err := r.image(p.Delegated)
	if err != nil {
		return err
	}
	delegations := &roles.Delegations{}
	role := roles.Role{Name: r.Delegate, Threshold: 2}
	delegations.Add(roles.DelegatedRole{Role: role, Paths: []string{p.Pattern}, Terminating: true}, publics(delegated))
	r.Targets = &File{
		Body:    &roles.Targets{Head: head(3), Images: []roles.Image{top}, Delegations: delegations},
		Signers: targets[:2],
	}
	r.Delegated = &File{Body: &roles.Targets{Head: head(2), Images: []roles.Image{image}}, Signers: delegated}
	return nil
}

// image lists one image with the custom fields of an Uptane image repository
// (Uptane Standard 2.1.0 §5.2.3.1).
func (r *Repository) image(path string) (roles.Image, error) {
	content := r.Images[path]
	image := roles.Image{
		Path:   path,
		Length: int64(len(content)),
		Hashes: roles.HashesOf(content),
		Custom: []byte(`{"hardwareIds":["ecu-1"],"releaseCounter":7}`),
	}
	return roles.CompleteImage(r.Format, image, nil, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
}

// of is the profile with other types of keys.
func (p Profile) of(kinds ...kind) Profile {
	p.Kinds = kinds
	return p
}

// Paths lists the images of a profile's repository, the delegated one last.
func (p Profile) Paths() []string { return []string{"readme.txt", p.Delegated} }

func head(version int64) roles.Head { return roles.Head{Version: version, Expires: future} }
