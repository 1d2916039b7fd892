package foreign

import (
	"fmt"
	"net/url"
	"path"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// Request is what the holder of a key is asked to sign.
type Request struct {
	Step     int           `json:"step"`
	Role     string        `json:"role"`
	Version  int64         `json:"version"`
	Key      string        `json:"key"`
	Scheme   roles.Scheme  `json:"scheme"`
	File     string        `json:"file"`   // holds exactly the bytes to sign
	Bytes    int           `json:"bytes"`  // how many
	SHA256   digest.SHA256 `json:"sha256"` // of the bytes to sign
	Words    string        `json:"words"`  // the same
	Commands []Command     `json:"commands"`
}

// Command is a way to sign the bytes.
type Command struct {
	With  string   `json:"with"`
	Lines []string `json:"lines"`
	Takes string   `json:"takes"` // the file for keyrite signature add
}

// Requests writes the bytes that a key is to sign, one file for each file of the
// plan, into a folder; "" is that of this site in the ceremony.
func (d *Desk) Requests(key, dir string) ([]Request, error) {
	d.shows = true
	steps, err := d.awaited(key)
	if err != nil {
		return nil, err
	}
	to := d.Workspace.Folder
	if dir == "" {
		dir = path.Join(ceremonies.SiteDir(d.Plan.Ceremony, d.site.Name), "requests")
	} else {
		if to, err = disk.Open(dir); err != nil {
			return nil, err
		}
		defer to.Close()
	}
	var requests []Request
	for _, s := range steps {
		if d.Placed[s.Role] {
			continue
		}
		reviewed, err := d.review(s.Role)
		if err != nil {
			if len(requests) > 0 {
				break // the file before it has to be signed first
			}
			return nil, err
		}
		name := fmt.Sprintf("%02d-%s-%s.bytes", s.Step, url.PathEscape(s.Role), s.Key)
		if to == d.Workspace.Folder {
			name = path.Join(dir, name)
		}
		if err := to.Ensure(name, reviewed.ToSign()); err != nil {
			return nil, err
		}
		if to != d.Workspace.Folder {
			name = path.Join(dir, name)
		}
		requests = append(requests, d.request(s, reviewed, name))
	}
	return requests, nil
}

func (d *Desk) request(s plan.Step, reviewed *review.Reviewed, name string) Request {
	data, key := reviewed.ToSign(), reviewed.Signer(s.Key)
	sum := digest.Of(data)
	return Request{
		Step: s.Step, Role: s.Role, Version: s.Version, Key: s.Key, Scheme: key.Scheme, File: name, Bytes: len(data), SHA256: sum, Words: sum.WordText(),
		Commands: commands(d.Scene.Format, s, data, key.Scheme, name),
	}
}

// commands are the ways to sign a file with tools that people have.
func commands(f roles.Format, s plan.Step, toSign []byte, scheme roles.Scheme, file string) []Command {
	sig := file + ".sig"
	list := []Command{{"openssl", []string{openssl(scheme, file, sig)}, sig}}
	if f == roles.OTACE && (s.Role == "root" || s.Role == "targets") && rewritten(s, toSign) {
		list = append(list, Command{"uptane-sign", uptaneSign(s, file), fmt.Sprintf("tuf/REPO/roles/%s.json", s.Role)})
	}
	if scheme == roles.ECDSAP256SHA256 {
		list = append(list, Command{"cosign", []string{
			fmt.Sprintf("cosign sign-blob --key KEY --tlog-upload=false --output-signature %s %s", sig, file),
		}, sig})
	}
	return list
}

// rewritten says whether uptane-sign signs a file as it was planned: it reads what it
// knows of a role and writes that again, without the fields of others.
func rewritten(s plan.Step, toSign []byte) bool {
	file, err := roles.Read(roles.OTACE, signed.RoleType(s.Role), fmt.Appendf(nil, `{"signatures":[],"signed":%s}`, toSign))
	return err == nil && len(file.Objections()) == 0 && len(roles.HeadOf(file.Body).Extra) == 0
}

// uptaneSign has uptane-sign sign a file of this version: of root it signs the version
// after the one that it finds, and has no option for another.
func uptaneSign(s plan.Step, file string) []string {
	unsigned := fmt.Sprintf("tuf/REPO/roles/unsigned/%s.json", s.Role)
	sign := fmt.Sprintf("uptane-sign %s sign --repo REPO --key-name %s", s.Role, s.Key)
	if s.Role == "root" {
		return []string{fmt.Sprintf(`sed 's/"version":%d}$/"version":%d}/' %s > %s`, s.Version, s.Version-1, file, unsigned), sign}
	}
	return []string{fmt.Sprintf("cp %s %s", file, unsigned), fmt.Sprintf("%s --version %d", sign, s.Version)}
}

// openssl signs a file as a scheme wants it (OpenSSL 3).
func openssl(scheme roles.Scheme, file, sig string) string {
	switch scheme {
	case roles.Ed25519:
		return fmt.Sprintf("openssl pkeyutl -sign -rawin -inkey KEY.pem -in %s -out %s", file, sig)
	case roles.ECDSAP384SHA384:
		return fmt.Sprintf("openssl dgst -sha384 -sign KEY.pem -out %s %s", sig, file)
	case roles.ECDSAP256SHA256:
		return fmt.Sprintf("openssl dgst -sha256 -sign KEY.pem -out %s %s", sig, file)
	}
	hash, salt := "sha256", 32
	if scheme == roles.RSAPSSSHA512 {
		hash, salt = "sha512", 64
	}
	return fmt.Sprintf("openssl dgst -%s -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:%d -sign KEY.pem -out %s %s", hash, salt, sig, file)
}
