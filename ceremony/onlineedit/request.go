package onlineedit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Request is what a server asks to have signed. Nothing of it is believed: it is held
// against what is signed, and people are shown what it changes.
type Request struct {
	Role    string         `json:"role"` // targets: servers edit no other
	Version int64          `json:"version"`
	Expires time.Time      `json:"expires"` // as the server would have it; trust.yaml decides
	Changes []roles.Change `json:"changes"` // to the images that are signed

	body *roles.Targets
	by   asked
}

// String is the request for people, a line for each change.
func (r *Request) String() string {
	lines := []string{fmt.Sprintf("the server asks for %s %d, until %s; trust.yaml says how long it will be good", r.Role, r.Version, roles.FormatTime(r.Expires))}
	for i, c := range r.Changes {
		if i == maxShown {
			lines = append(lines, fmt.Sprintf("  … and %s more", words.Count(len(r.Changes)-i, "change")))
			break
		}
		lines = append(lines, "  "+c.Short())
	}
	if len(r.Changes) == 0 {
		lines = append(lines, "  the same images")
	}
	return strings.Join(lines, "\n")
}

// maxShown is how many changes are told; the plan has all.
const maxShown = 20

// answer is that of a repo server of OTA Community Edition whose key of targets is
// offline, with status 412: the request is the cause of an error. It may also stand alone.
type answer struct {
	Code  string          `json:"code"`
	Cause json.RawMessage `json:"cause"`
	asked
}

type asked struct {
	Unsigned  []byte        `json:"unsigned_metadata_base64"`
	KeyIDs    []roles.KeyID `json:"required_key_ids"`
	Threshold int           `json:"threshold"`
}

// maxAnswer bounds the file, in bytes: targets of the largest size, in base64.
const maxAnswer = 12 << 20

// Read reads a request out of the file that holds a server's answer. Errors have the code
// Usage where it is none.
func Read(file string, f roles.Format) (*Request, error) {
	data, err := disk.ReadFile(file, maxAnswer)
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: err}
	}
	r, err := decode(data, f)
	if err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %w", words.Printable(file), err).
			Hint("want the answer of the server, with status 412 and as it came: curl -o FILE")
	}
	return r, nil
}

func decode(data []byte, f roles.Format) (*Request, error) {
	if err := strict.NamesOnce(data); err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, err
	}
	by := a.asked
	if len(by.Unsigned) == 0 && (len(a.Cause) == 0 || json.Unmarshal(a.Cause, &by) != nil || len(by.Unsigned) == 0) {
		return nil, fmt.Errorf("nothing is asked for; the code is %s, want role_keys_not_found with unsigned_metadata_base64", words.Quote(a.Code))
	}
	file, err := roles.Read(f, roles.TypeTargets, slices.Concat([]byte(`{"signatures":[],"signed":`), bytes.TrimSpace(by.Unsigned), []byte("}")))
	if err != nil {
		return nil, roles.InFile("unsigned_metadata_base64", err)
	}
	body := file.Body.(*roles.Targets)
	return &Request{Role: string(roles.TypeTargets), Version: body.Version, Expires: body.Expires, Changes: []roles.Change{}, body: body, by: by}, nil
}
