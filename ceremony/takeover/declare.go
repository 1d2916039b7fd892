package takeover

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
)

const head = `# trust.yaml: who may sign what, for the whole fleet. It was derived from signed
# metadata: change it, then keyrite plan REPOSITORY derives the steps. keyrite init
# makes one with comments on every field.

version: 1
fleet: %q

repositories:
`

const keysNote = `    # Keys as they are. external: its signatures are brought in with keyrite
    # sign-request and keyrite signature add; name keys on tokens in its place, and
    # remove its line when no root lists it any more. public: its holder signs
    # elsewhere.
`

const rolesNote = `    # Lifetimes are not in metadata: these are common ones.
`

// text is the repository in trust.yaml.
func (d *derived) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  %s:\n    format: %s\n    id: %s\n    policy: %s\n%s    keys:\n", d.repository, d.format, declare.NewID(), d.policy, keysNote)
	for _, k := range d.keys {
		kind := "public"
		if k.External {
			kind = "external"
		}
		fmt.Fprintf(&b, "      %s: {%s: %s}\n", k.Name, kind, workspace.KeyPath(k.Name))
	}
	fmt.Fprintf(&b, "%s    roles:\n", rolesNote)
	for _, r := range d.roles {
		fmt.Fprintf(&b, "      %s: {%s}\n", r.name, r.fields())
	}
	if len(d.delegations) > 0 {
		b.WriteString("    delegations:\n")
	}
	for _, r := range d.delegations {
		fmt.Fprintf(&b, "      - {role: %q, %s%s}\n", r.name, r.fields(), r.rest())
	}
	return b.String()
}

func (r role) fields() string {
	return fmt.Sprintf("keys: [%s], threshold: %d, expires: %s", strings.Join(r.keys, ", "), r.threshold, r.lifetime)
}

func (d delegation) rest() string {
	text := ", paths: " + quoted(d.paths)
	if d.prefixes != nil {
		text = ", path-hash-prefixes: " + quoted(d.prefixes)
	}
	if d.terminating {
		text += ", terminating: true"
	}
	return text
}

// files makes the whole trust.yaml, and reads it back: what was there before has to
// say what it said.
func (d *derived) files(ws *workspace.Workspace) error {
	there, err := ws.Exists(workspace.TrustFile)
	if err != nil {
		return err
	}
	text := fmt.Sprintf(head, d.fleet)
	if there {
		if d.before, err = ws.Read(workspace.TrustFile, strict.MaxBytes); err != nil {
			return err
		}
		text = strings.TrimRight(string(d.before), "\n") + "\n"
	}
	d.block = d.text()
	d.trust = []byte(text + d.block)
	made, err := workspace.ParseTrust(workspace.TrustFile, d.trust)
	if err != nil {
		return fault.Errorf(fault.CodeOf(err), "what was found cannot be declared: %w", err)
	}
	if d.before == nil {
		return nil
	}
	before, err := workspace.ParseTrust(workspace.TrustFile, d.before)
	if err != nil {
		return err
	}
	if len(made.Repositories) != len(before.Repositories)+1 || !reflect.DeepEqual(made.People, before.People) {
		return fault.Errorf(fault.Usage, "%s: repositories is not its last field; want it there, so that another one can be added", workspace.TrustFile)
	}
	return nil
}

// write makes the records of keys, and site.yaml where there is none.
func (d *derived) write(ws *workspace.Workspace) error {
	for _, record := range d.records {
		if err := addRecord(ws, record); err != nil {
			return err
		}
	}
	there, err := ws.Exists(workspace.SiteFile)
	if err != nil || there {
		return err
	}
	data, err := declare.Starter(workspace.SiteFile, declare.InitParams{})
	if err != nil {
		return err
	}
	return ws.Create(workspace.SiteFile, data)
}

// addRecord adds a key, unless its record is there.
func addRecord(ws *workspace.Workspace, record *workspace.KeyRecord) error {
	if there, err := ws.Key(record.Name); err == nil && there.Fingerprint() == record.Fingerprint() {
		return nil
	}
	return ws.AddKey(record)
}

// declare writes trust.yaml.
func (d *derived) declare(ws *workspace.Workspace) error {
	if d.before == nil {
		return ws.Create(workspace.TrustFile, d.trust)
	}
	return ws.Rewrite(workspace.TrustFile, d.before, d.trust)
}
