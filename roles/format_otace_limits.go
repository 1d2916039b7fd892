package roles

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The limits of aktualizr and of OTA Community Edition's libtuf, in bytes.
const (
	maxTargetPath = 253 // of an image's path, and of a delegation's pattern
	maxRoleName   = 50
	maxHardwareID = 200
	maxECUSerial  = 64
)

var roleNames = regexp.MustCompile(`^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*$`)

// examine holds a file to the limits of vehicles and servers; what only the key
// server refuses in a root, which decodes it and encodes it again, is noted.
func (f otaCE) examine(b Body, o *objector) {
	if v := b.head().Version; v > MaxVersion {
		o.refuse("version", "got %d, want at most %d", v, int64(MaxVersion))
	}
	switch b := b.(type) {
	case *Root:
		f.examineRoot(b, o)
	case *Targets:
		for i := range b.Images {
			examineImage(&b.Images[i], o)
		}
		if b.Delegations != nil {
			examineDelegations(b.Delegations, o)
		}
	}
}

func examineImage(i *Image, o *objector) {
	field := "targets." + i.Path
	if err := checkTargetPath(i.Path); err != nil {
		o.refuse(field, "%w", err)
	}
	if err := checkHardware(i.Custom); err != nil {
		if e := new(Error); errors.As(err, &e) {
			field, err = field+"."+e.Field, e.Err
		}
		o.refuse(field, "%w", err)
	}
}

// checkTargetPath checks a path or a pattern of paths.
func checkTargetPath(path string) error {
	if err := checkLength(path, maxTargetPath); err != nil {
		return err
	}
	if strings.Contains(path, "..") {
		return errors.New(`it contains "..", want none anywhere in a path`)
	}
	return nil
}

func checkLength[T string | []byte](text T, most int) error {
	if len(text) == 0 || len(text) > most {
		return fmt.Errorf("got %d characters, want 1 to %d", len(text), most)
	}
	return nil
}

// checkHardware reads of custom data what vehicles read. An image of the Image
// repository has hardwareIds; one that a Director assigns has ecuIdentifiers,
// and vehicles match none that has both.
func checkHardware(custom []byte) error {
	var listed, assigned bool
	s := newScanner(custom)
	if custom == nil {
		s.data = []byte("{}")
	}
	err := s.object(func(name []byte) error {
		switch string(name) {
		case "hardwareIds":
			listed = true
			return s.array(func(int) error { return s.identifier(maxHardwareID) })
		case "ecuIdentifiers":
			assigned = true
			return s.object(s.assignment)
		}
		_, err := s.skip()
		return err
	})
	switch {
	case err != nil:
		return within("custom", err)
	case listed && assigned:
		return fieldf("custom.hardwareIds", "it stands beside ecuIdentifiers: no vehicle takes the image; want one of the two")
	case !listed && !assigned:
		return fieldf("custom.hardwareIds", "the field is missing: no vehicle takes the image, and the repo server refuses the file")
	}
	return nil
}

// assignment checks one member of ecuIdentifiers.
func (s *scanner) assignment(serial []byte) error {
	if err := checkLength(serial, maxECUSerial); err != nil {
		return fmt.Errorf("ECU serial: %w", err)
	}
	return s.object(func(name []byte) error {
		if string(name) == "hardwareId" {
			return s.identifier(maxHardwareID)
		}
		_, err := s.skip()
		return err
	})
}

// identifier checks the length of a text.
func (s *scanner) identifier(most int) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	return checkLength(text, most)
}

func examineDelegations(d *Delegations, o *objector) {
	if d.Succinct != nil {
		o.refuse("delegations.succinct_roles", "hash bins (TAP 15), which neither vehicles nor servers of this format know; want roles")
		return
	}
	for i := range d.Roles {
		r := &d.Roles[i]
		if len(r.Name) > maxRoleName || !roleNames.MatchString(r.Name) {
			o.refuse(fmt.Sprintf("delegations.roles[%d].name", i), "got %s, want 1 to %d letters, digits, - _ and ., no dot first", Quote(r.Name), maxRoleName)
		}
		for j, pattern := range r.Paths {
			if err := checkTargetPath(pattern); err != nil {
				o.refuse(fmt.Sprintf("delegations.roles[%d].paths[%d]", i, j), "%w", err)
			}
		}
	}
}

// examineRoot notes what the key server would not write as it stands.
func (f otaCE) examineRoot(r *Root, o *objector) {
	const server = "the key server refuses the file for it, vehicles do not"
	if r.SpecVersion != "" {
		o.note("spec_version", "an extra field: %s", server)
	}
	for _, m := range r.Extra {
		o.note(m.Name, "an extra field: %s", server)
	}
	for _, k := range r.Keys {
		if want, err := f.newKey(k); k.Problem == nil && (err != nil || !sameJSON(want.record, k.record)) {
			o.note("keys."+string(k.ID), "spelled otherwise than OTA CE spells it: %s", server)
		}
	}
	for _, role := range r.Roles {
		for _, m := range role.Extra {
			o.note("roles."+role.Name+"."+m.Name, "an extra field: %s", server)
		}
	}
}

// examineSignature notes a method that is not the key's: vehicles go by the key,
// the key server by the method.
func (f otaCE) examineSignature(b Body, s Signature, field string, o *objector) {
	root, ok := b.(*Root)
	if !ok {
		return
	}
	i := slices.IndexFunc(root.Keys, func(k Key) bool { return k.ID == s.KeyID && k.Problem == nil })
	if i < 0 {
		return
	}
	if want := f.method(root.Keys[i]); s.Method != want && !(s.Method == "rsassa-pss" && want == "rsassa-pss-sha256") {
		o.add(true, field+"method", fmt.Errorf("got %s, want %q: the key server refuses the file for it, vehicles do not", Quote(s.Method), want))
	}
}
