package record

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// witnessesDir holds the signatures of witnesses, in a site's folder.
const witnessesDir = "witnesses"

// ToWitness is what somebody signs who watched a ceremony at one site: the newest line
// of its transcript, which is checked first. The plan says who does, and with which key.
func ToWitness(files workspace.Files, name, who string) (s witness.Statement, err error) {
	chain, err := Check(files, name)
	if err != nil {
		return s, err
	}
	if chain.Lines == 0 {
		return s, fault.Errorf(fault.Incomplete, "%s/%s is empty", Dir(name), transcript.File)
	}
	p, sum, err := plan.Read(files, ceremonyOf(name))
	if err != nil {
		return s, err
	}
	key, named := p.Witnesses[who]
	if !named {
		return s, fault.Errorf(fault.Usage, "%s: the plan has no witness %q; it has %s", p.Ceremony, who, words.List(watchers(p))).Suggest(who, watchers(p)).
			Hint("put the key into trust.yaml before a plan is made, below people.witness-keys: `%s: ssh-ed25519 AAAA…`", who)
	}
	return witness.Statement{
		Fleet: p.Fleet, Ceremony: p.Ceremony, Site: path.Base(name), Plan: sum,
		Line: chain.Lines, Head: chain.Head, Witness: who, Key: key,
	}, nil
}

// watchers are the witnesses whose keys a plan has.
func watchers(p *plan.Plan) []string { return slices.Sorted(maps.Keys(p.Witnesses)) }

// KeepWitness writes a witness's signature beside the transcript.
func KeepWitness(ws *workspace.Workspace, name string, s witness.Statement, envelope []byte) (file string, err error) {
	if got, err := witness.Open("the signature", envelope); err != nil {
		return "", err
	} else if got.String() != s.String() {
		return "", fault.Errorf(fault.Unverified, "the signature is of another head; got %s, want %s", got, s)
	}
	file = path.Join(Dir(name), witnessFile(s))
	return file, ws.Create(file, envelope)
}

// witnessFile is where a signature lies in its site's folder.
func witnessFile(s witness.Statement) string {
	return path.Join(witnessesDir, fmt.Sprintf("%06d-%s.json", s.Line, s.Key.Short()))
}

// witnessFacts are the signatures of witnesses that lie beside the transcript, in the
// order of the lines that they sign, and those that the plan wants and that do not.
func (s *source) witnessFacts() (facts page.Facts) {
	for _, w := range s.chain.Witnesses {
		text := fmt.Sprintf("%s: line %d, and by it all before it; key %s; verified, from %s", words.Line(w.Witness), w.Line, w.Key.Fingerprint(), witnessFile(w))
		facts = append(facts, page.Fact{Name: "signed by a witness", Value: text})
	}
	for _, who := range s.chain.Unsigned {
		facts = append(facts, page.Fact{Name: "NOT signed by", Value: unsigned(who)})
	}
	return facts
}

// unsigned says that a witness did not sign, as far as this record knows: it may be
// older than the signature, and then whoever takes that away has it say the same.
func unsigned(who string) string {
	return words.Line(who) + ": when this was made, no signature by the key that the plan has for this witness lay beside the transcript's end"
}

// missingWitnesses are deviations: somebody who is to sign has not.
func (s *source) missingWitnesses() (rows [][]string) {
	for _, who := range s.chain.Unsigned {
		rows = append(rows, []string{"–", "–", "–", "not signed", unsigned(who)})
	}
	return rows
}

// asOf leaves only the signatures of witnesses that a record names: a witness may sign
// after it was made. Then it says so, as a deviation.
func (s *source) asOf(record []byte) *source {
	then, chain := *s, *s.chain
	chain.Witnesses = slices.DeleteFunc(slices.Clone(chain.Witnesses), func(w witness.Statement) bool {
		return !bytes.Contains(record, []byte(witnessFile(w)))
	})
	chain.Unsigned = chain.unsigned(s.plan)
	then.chain = &chain
	return &then
}

// witnesses verifies what the witnesses signed: each of them a line that is there.
func (s *stated) witnesses() error {
	dir := path.Join(s.dir, witnessesDir)
	names, err := s.files.List(dir)
	if err != nil {
		return err
	}
	for _, file := range names {
		name := path.Join(dir, file)
		data, err := s.files.Read(name, witness.MaxEnvelope)
		if err != nil {
			return err
		}
		statement, err := witness.Open(name, data)
		if err != nil {
			return err
		}
		if err := s.isOf(statement); err != nil {
			return fault.Errorf(fault.Unverified, "%s: %w", name, err)
		}
		s.witnessed = append(s.witnessed, statement)
	}
	s.count += len(names)
	return nil
}

// isOf compares what a witness signed with what lies here.
func (s *stated) isOf(w witness.Statement) error {
	p := s.planned
	if w.Fleet != p.Fleet || w.Plan != s.sum || w.Ceremony+"/"+w.Site != s.name {
		return fmt.Errorf("signs another ceremony: %s/%s of %s, plan %s", w.Ceremony, w.Site, w.Fleet, w.Plan)
	}
	if w.Line < 1 || w.Line > len(s.events) {
		return fmt.Errorf("signs line %d, but %s/%s has %s: lines are gone from its end", w.Line, s.dir, transcript.File, words.Count(len(s.events), "line"))
	}
	if key, named := p.Witnesses[w.Witness]; !named || key.String() != w.Key.String() {
		return fmt.Errorf("signs as %q with key %s, which is none that the plan has for a witness", words.Line(w.Witness), w.Key.Fingerprint())
	}
	if got := s.events[w.Line-1].Hash; got != w.Head {
		return fmt.Errorf("signs another line %d than is there; got head %s, want %s", w.Line, got, w.Head)
	}
	return nil
}

// Covers says whether a key has signed a transcript up to its end: no line that makes or
// signs anything comes after the one that was signed.
func (c *Chain) Covers(key witness.Key) bool {
	return slices.ContainsFunc(c.Witnesses, func(w witness.Statement) bool { return w.Key.String() == key.String() && w.Line >= c.Deed })
}

// unsigned are the witnesses of a plan who have not signed up to the end.
func (c *Chain) unsigned(p *plan.Plan) (list []string) {
	for _, who := range watchers(p) {
		if !c.Covers(p.Witnesses[who]) {
			list = append(list, who)
		}
	}
	return list
}
