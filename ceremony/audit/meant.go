package audit

import (
	"strconv"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// meant refuses a repository whose newest root says that it is of a rehearsal: whoever
// carried it out by mistake is told so, and not that a signature is wrong. What cannot
// be read, verification says.
func (p *published) meant() error {
	names, err := p.names()
	if err != nil {
		return err
	}
	versions := signed.RootVersions(names)
	if len(versions) == 0 {
		return nil
	}
	name := strconv.FormatInt(versions[len(versions)-1], 10) + ".root.json"
	data, err := p.metadata.Get(name, maxTrustedRoot)
	if err != nil {
		return nil
	}
	format, err := roles.DetectFormat(data)
	if err != nil {
		return nil
	}
	if root, err := roles.Read(format, roles.TypeRoot, data); err == nil {
		return fakeIn(p.name, name, root)
	}
	return nil
}

// allMeant is meant for every file that a client has verified.
func allMeant(where string, client *roles.Client) error {
	for _, f := range client.Report().Files {
		if file := client.File(f.Role); file != nil {
			if err := fakeIn(where, f.Name, file); err != nil {
				return err
			}
		}
	}
	return nil
}

func fakeIn(where, name string, file *roles.File) error {
	if fake := roles.FakeOf(file.Body); fake != nil {
		return fault.Errorf(fault.Unverified, "%s: %s is FAKE, of a rehearsal of %s: nothing of it is meant", where, name, fake.Of)
	}
	return nil
}
