package roles

import "fmt"

// Objection is something in a file that a vehicle or a server of its format
// does not take.
type Objection struct {
	Field string // path in the JSON, `signed.targets.a.bin.custom.hardwareIds[0]`
	Err   error  // what was found and what is wanted
	Note  bool   // vehicles take it; only a server, or some other client, does not
}

func (o Objection) String() string { return Printable(o.Field + ": " + o.Err.Error()) }

// maxObjections bounds what is said of one file.
const maxObjections = 100

// Objections lists what vehicles and servers of a format have against the
// content of a file. Those that are no notes are refused when it is verified,
// and before it is signed.
func Objections(f Format, b Body) []Objection {
	var o objector
	f.examine(b, &o)
	return o.list
}

// Objections lists what vehicles and servers of its format have against a file.
func (file *File) Objections() []Objection {
	file.mu.Lock()
	defer file.mu.Unlock()
	if !file.examined {
		o := objector{list: Objections(file.Format, file.Body)}
		for i, s := range file.Signatures {
			file.Format.examineSignature(file.Body, s, fmt.Sprintf("signatures[%d].", i), &o)
		}
		file.objections, file.examined = o.list, true
	}
	return file.objections
}

// objector collects objections.
type objector struct{ list []Objection }

func (o *objector) add(note bool, field string, err error) {
	if len(o.list) < maxObjections {
		o.list = append(o.list, Objection{Field: field, Err: err, Note: note})
	}
}

// refuse objects to something for which vehicles or servers refuse the file.
func (o *objector) refuse(field, format string, args ...any) {
	o.add(false, "signed."+field, fmt.Errorf(format, args...))
}

// note objects to something that vehicles take.
func (o *objector) note(field, format string, args ...any) {
	o.add(true, "signed."+field, fmt.Errorf(format, args...))
}

// refusal is the first objection that is no note, nil when there is none.
func refusal(list []Objection) *Objection {
	for i := range list {
		if !list[i].Note {
			return &list[i]
		}
	}
	return nil
}

// examine knows one thing that clients differ about: fractions and offsets in
// times, which several of them refuse or write differently.
func (tuf) examine(b Body, o *objector) {
	if h := b.head(); h.SpelledExpires != "" {
		o.note("expires", "got %s, which python-tuf and others refuse; want %q", Quote(h.SpelledExpires), FormatTime(h.Expires))
	}
}

func (tuf) examineSignature(Body, Signature, string, *objector) {}
