package roles

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Assignment is what the Director tells one ECU to install. A
// partial-verification ECU takes it on the Director's word alone (Uptane
// Standard 2.1.0 §5.4.4.1).
type Assignment struct {
	ECU        string `json:"ecu"`
	HardwareID string `json:"hardware-id"`
	Path       string `json:"path"`
}

// CompareDirector demands of each image that the Director assigns that the
// Image repository lists it too, with the same length, digests, hardware ids
// and release counter (Uptane Standard 2.1.0 §5.4.4.2 step 10), that it is
// meant for an ECU, and that no ECU is named twice (§5.4.4.6). Both clients
// have refreshed. All that is wrong is returned, joined.
func CompareDirector(director, image *Client) error {
	d := comparison{director: director, image: image, ecus: map[string]string{}}
	targets := director.Targets()
	if targets == nil {
		return errors.New("the Director's targets have not been verified")
	}
	if len(targets.Images) == 0 {
		director.note(NoteUnassigned, "targets.json", "the Director's targets assign no image and name no vehicle: an old copy for another vehicle cannot be told from it")
	}
	for i := range targets.Images {
		if err := d.compare(&targets.Images[i]); err != nil {
			d.problems = append(d.problems, err)
		}
	}
	slices.SortFunc(director.report.Assignments, func(a, b Assignment) int { return strings.Compare(a.ECU, b.ECU) })
	return errors.Join(d.problems...)
}

type comparison struct {
	director, image *Client
	ecus            map[string]string // which image each ECU gets
	problems        []error
}

// refuse says that the two repositories do not agree about an image.
func (d *comparison) refuse(path, format string, args ...any) error {
	return d.problem(path, MixAndMatch, format, args...)
}

// problem says what is wrong with an image that the Director assigns.
func (d *comparison) problem(path string, attack Attack, format string, args ...any) error {
	return refused(d.director.files["targets"].Name, "signed.targets."+path, attack, format, args...)
}

func (d *comparison) compare(assigned *Image) error {
	theirs, err := readCustom(assigned.Custom)
	if err != nil {
		return d.problem(assigned.Path, "", "%w", err)
	}
	if err := d.assign(assigned.Path, theirs); err != nil {
		return err
	}
	listed, role, err := d.image.Find(assigned.Path)
	if err != nil {
		return d.refuse(assigned.Path, "the Image repository does not confirm it: %w", err)
	}
	ours, err := readCustom(listed.Custom)
	if err != nil {
		return d.problem(assigned.Path, "", "in the Image repository's %s: %w", role, err)
	}
	if listed.Length != assigned.Length {
		return d.refuse(assigned.Path, "length is %d, want %d as the Image repository's %s says", assigned.Length, listed.Length, role)
	}
	if err := listed.Hashes.agree(assigned.Hashes); err != nil {
		return d.refuse(assigned.Path, "%w as the Image repository's %s says", err, role)
	}
	if role != string(TypeTargets) && d.director.format.director().atTop {
		d.director.note(NoteUnfollowed, assigned.Path, "%s", Unfollowed{assigned.Path, theirs.serials(), role})
	}
	return d.compareCustom(assigned.Path, theirs, ours)
}

// assign notes which ECUs get an image.
func (d *comparison) assign(path string, theirs custom) error {
	if len(theirs.ecus) == 0 {
		return d.problem(path, "", "custom.ecuIdentifiers names no ECU (Uptane Standard 2.1.0 §5.2.3.1.1)")
	}
	for _, ecu := range theirs.ecus {
		if other, ok := d.ecus[ecu.serial]; ok {
			return d.problem(path, "", "ECU %s also gets %s (Uptane Standard 2.1.0 §5.4.4.6)", ecu.serial, other)
		}
		d.ecus[ecu.serial] = path
		d.director.report.Assignments = append(d.director.report.Assignments, Assignment{ecu.serial, ecu.hardwareID, path})
	}
	return nil
}

// compareCustom compares the fields that must match.
func (d *comparison) compareCustom(path string, theirs, ours custom) error {
	for _, ecu := range theirs.ecus {
		if !slices.Contains(ours.hardwareIDs, ecu.hardwareID) {
			return d.refuse(path, "ECU %s is hardware %q; the Image repository lists it for %q", ecu.serial, ecu.hardwareID, ours.hardwareIDs)
		}
		if before, ok := d.counterBefore(ecu.serial); ok && ours.counter < before {
			return d.problem(path, Rollback, "release counter is %s; ECU %s had %d", counterWords(ours.counter), ecu.serial, before)
		}
	}
	if theirs.counter >= 0 && theirs.counter != ours.counter {
		return d.refuse(path, "release counter is %d, want %s as in the Image repository", theirs.counter, counterWords(ours.counter))
	}
	return nil
}

// counterWords is a release counter for people: -1 stands for one that is not
// stated.
func counterWords(counter int64) string {
	if counter < 0 {
		return "none"
	}
	return strconv.FormatInt(counter, 10)
}

// counterBefore is the release counter of the image that the Director assigned
// to an ECU in the remembered targets (Uptane Standard 2.1.0 §5.4.4.2 step
// 10.2).
func (d *comparison) counterBefore(serial string) (int64, bool) {
	old := bodyOf[*Targets](d.director.remembered["targets"])
	if old == nil {
		return 0, false
	}
	for i := range old.Images {
		theirs, err := readCustom(old.Images[i].Custom)
		if err != nil || theirs.counter < 0 {
			continue
		}
		if slices.ContainsFunc(theirs.ecus, func(e ecu) bool { return e.serial == serial }) {
			return theirs.counter, true
		}
	}
	return 0, false
}

// agree demands that the digests listed by both are equal, and that there is
// one.
func (h Hashes) agree(other Hashes) error {
	both := false
	if h.SHA256 != nil && other.SHA256 != nil {
		if both = true; *h.SHA256 != *other.SHA256 {
			return fmt.Errorf("sha256 is %x, want %x", *other.SHA256, *h.SHA256)
		}
	}
	if h.SHA512 != nil && other.SHA512 != nil {
		if both = true; *h.SHA512 != *other.SHA512 {
			return fmt.Errorf("sha512 is %x, want %x", *other.SHA512, *h.SHA512)
		}
	}
	if !both {
		return errors.New("no digest is listed in both, want at least one")
	}
	return nil
}

// custom is what keyrite reads of an image's custom data.
type custom struct {
	hardwareIDs []string
	counter     int64 // releaseCounter, -1 when not stated
	ecus        []ecu
}

type ecu struct{ serial, hardwareID string }

// serials lists the ECUs.
func (c custom) serials() string {
	var list []string
	for _, e := range c.ecus {
		list = append(list, e.serial)
	}
	return strings.Join(list, ", ")
}

func readCustom(raw []byte) (custom, error) {
	c := custom{counter: -1}
	if raw == nil {
		return c, nil
	}
	s := newScanner(raw)
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "hardwareIds":
			c.hardwareIDs, err = s.texts()
		case "releaseCounter":
			c.counter, err = s.integer(0)
		case "ecuIdentifiers":
			err = s.object(func(serial []byte) error { return s.ecu(&c, string(serial)) })
		default:
			_, err = s.skip()
		}
		return err
	})
	if err != nil {
		return c, within("custom", err)
	}
	return c, nil
}

func (s *scanner) ecu(c *custom, serial string) error {
	e := ecu{serial: serial}
	err := s.object(func(name []byte) (err error) {
		if string(name) == "hardwareId" {
			e.hardwareID, err = s.str()
			return err
		}
		_, err = s.skip()
		return err
	})
	c.ecus = append(c.ecus, e)
	return err
}
