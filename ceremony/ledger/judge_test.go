package ledger

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// expected is what a row of the rules comes to.
type expected struct {
	refused Rule     // "" for a signature
	found   []Rule   // findings, in order
	says    []string // in the refusal, or in the findings

	overridable, again bool
	makes              []uint64 // sequence numbers, 0 for the genesis
	flags              hsm.LedgerFlags
	destroys           []uint64
	covers             uint64 // sequence number that goes into the transcript
}

// Records 1, 2 and 3 are of root 1, 2 and 3.
var (
	r1 = record(1, "root 1")
	r2 = record(2, "root 2", r1)
	r3 = record(3, "root 3", r2)
)

func TestRules(t *testing.T) {
	a := hash("root 2")
	other := short(hash("another root 2"))
	t3 := r3
	t3.Role = hash("targets")
	fork := record(2, "another root 2", r1)
	broken := r3
	broken.Previous = hash("something else")
	retired := record(2, "root 2", r1)
	retired.Flags = hsm.LedgerRetired
	for _, test := range []struct {
		name    string
		facts   Facts
		request Request
		want    expected
	}{
		// A key that signs for the first time, and the next time.
		{"first signature", Facts{Support: keeps}, want(1, "root 1"), expected{makes: []uint64{1}, covers: 1}},
		{"first signature, with genesis", Facts{Support: stays}, want(1, "root 1"), expected{makes: []uint64{1, 0}, covers: 1}},
		{"next version", Facts{Support: stays, Objects: objects(genesis(), r1, r2), Signatures: []Signature{told(r1), told(r2)}}, want(3, "root 3"),
			expected{makes: []uint64{3}, destroys: []uint64{2, 1}, covers: 3}},
		{"next version, genesis lost in a crash", Facts{Support: stays, Objects: objects(r2), Signatures: []Signature{told(r2)}}, want(3, "root 3"),
			expected{makes: []uint64{3, 0}, destroys: []uint64{2}, covers: 3}},
		{"another role of the key", Facts{Support: stays, Objects: objects(genesis(), r2)}, in("targets", want(1, "targets 1")),
			expected{makes: []uint64{1}, covers: 1}},

		// Same version, same hash.
		{"same bytes, on the token", Facts{Support: keeps, Objects: objects(r1, r2), Signatures: []Signature{told(r1), told(r2)}}, want(2, "root 2"),
			expected{again: true, found: []Rule{SignAgain}, says: []string{"root version 2 was signed with these bytes before on 2026-11-23 (2026-11-23-image-1)"}, destroys: []uint64{1}, covers: 2}},
		{"same bytes, after a crash before the signature", Facts{Support: keeps, Objects: objects(r1, r2), Signatures: []Signature{told(r1)}}, want(2, "root 2"),
			expected{again: true, found: []Rule{SignAgain}, destroys: []uint64{1}, covers: 2}},
		{"same bytes, older than the ledger", Facts{Support: keeps, Signatures: []Signature{alone(2, "root 2")}}, want(2, "root 2"),
			expected{again: true, found: []Rule{Seeded, SignAgain}, makes: []uint64{1}, flags: hsm.LedgerSeeded, covers: 1}},
		{"same bytes, of a version before the last", Facts{Support: keeps, Objects: objects(r1, r2), Signatures: []Signature{told(r1), told(r2)}}, want(1, "root 1"),
			expected{refused: LowerVersion, overridable: true}},
		{"same bytes, after another file that was overridden", Facts{Support: keeps, Objects: objects(r2, record(2, "another root 2", r2)), Signatures: []Signature{told(r2)}}, want(2, "another root 2"),
			expected{again: true, found: []Rule{SignAgain}, destroys: []uint64{2}, covers: 3}},
		{"same bytes, says the transcript against the token", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r2), alone(2, "another root 2")}}, want(2, "another root 2"),
			expected{refused: OtherBytes, overridable: true}},
		{"same bytes, says the transcript beyond the token", Facts{Support: keeps, Objects: objects(r1), Signatures: []Signature{told(r1), alone(2, "root 2")}}, want(2, "root 2"),
			expected{again: true, found: []Rule{SignAgain}, makes: []uint64{2}, destroys: []uint64{1}, covers: 2}},

		// Same version, other hash; lower version.
		{"other bytes", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r1), told(r2)}}, want(2, "another root 2"),
			expected{refused: OtherBytes, overridable: true, says: []string{"root version 2 was signed with other bytes on 2026-11-23 (2026-11-23-image-1)", "got SHA-256 " + other, "want " + short(a)}}},
		{"other bytes, without a ledger", Facts{Support: none, Signatures: []Signature{alone(2, "root 2")}}, want(2, "another root 2"),
			expected{refused: OtherBytes, overridable: true}},
		{"other bytes than what is published", Facts{Support: keeps, Published: alone(2, "root 2")}, want(2, "another root 2"),
			expected{refused: OtherBytes, overridable: true}},
		{"other bytes than a file of no known date", Facts{Support: keeps, Published: Signature{Version: 2, Signed: hash("root 2"), Where: "2.root.json"}}, want(2, "another root 2"),
			expected{refused: OtherBytes, overridable: true, says: []string{"root version 2 was signed with other bytes (2.root.json)"}}},
		{"the bytes that are published, by another key", Facts{Support: keeps, Published: alone(2, "root 2")}, want(2, "root 2"),
			expected{makes: []uint64{1}, covers: 1}},
		{"other bytes, overridden", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r2)}}, overridden(want(2, "another root 2")),
			expected{found: []Rule{OtherBytes}, says: []string{"overridden by Ada: the first file had a typing error"}, makes: []uint64{3}, flags: hsm.LedgerOverride, destroys: []uint64{2}, covers: 3}},
		{"lower version", Facts{Support: keeps, Objects: objects(r3), Signatures: []Signature{told(r3)}}, want(2, "another root 2"),
			expected{refused: LowerVersion, overridable: true, says: []string{"root version 3 was signed on 2026-11-23", "got version 2, SHA-256 " + other, "want above version 3"}}},
		{"lower version than what is published", Facts{Support: none, Published: alone(3, "root 3")}, want(2, "root 2"),
			expected{refused: LowerVersion, overridable: true, found: nil}},
		{"lower version, overridden", Facts{Support: none, Signatures: []Signature{alone(3, "root 3")}}, overridden(want(2, "root 2")),
			expected{found: []Rule{LowerVersion, NoLedger}}},
		{"override that was not needed", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r2)}}, overridden(want(3, "root 3")),
			expected{makes: []uint64{3}, destroys: []uint64{2}, covers: 3}},
		{"override without a person", Facts{Support: none, Signatures: []Signature{alone(3, "root 3")}}, func() Request {
			r := overridden(want(2, "root 2"))
			r.Override.Person = ""
			return r
		}(), expected{refused: LowerVersion, overridable: true, says: []string{"an override names a person and a reason"}}},
		{"override without a reason", Facts{Support: none, Signatures: []Signature{alone(3, "root 3")}}, func() Request {
			r := overridden(want(2, "root 2"))
			r.Override.Reason = " "
			return r
		}(), expected{refused: LowerVersion, overridable: true, says: []string{"an override names a person and a reason"}}},

		// Root above last+1; other roles.
		{"root that skips a version", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r2)}}, want(4, "root 4"),
			expected{refused: SkippedVersion, says: []string{"root version 2 is the last (2026-11-23-image-1)", "got version 4, want 3"}}},
		{"root that skips a version, overridden", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r2)}}, overridden(want(4, "root 4")),
			expected{refused: SkippedVersion}},
		{"root that others signed between", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r2)}, Published: alone(3, "root 3")}, want(4, "root 4"),
			expected{makes: []uint64{3}, destroys: []uint64{2}, covers: 3}},
		{"first root of a key that came later", Facts{Support: keeps, Published: alone(8, "root 8")}, want(9, "root 9"), expected{makes: []uint64{1}, covers: 1}},
		{"first root of a key, and of what is known", Facts{Support: keeps}, want(9, "root 9"), expected{makes: []uint64{1}, covers: 1}},
		{"targets that skip a version", Facts{Support: keeps, Objects: objects(t3), Signatures: []Signature{told(t3)}}, in("targets", want(5, "targets 5")),
			expected{found: []Rule{SkippedVersion}, says: []string{"targets goes from version 3 (2026-11-23-image-1) to version 5"}, makes: []uint64{4}, destroys: []uint64{3}, covers: 4}},

		// Two records of one sequence number; a broken chain.
		{"two records 2", Facts{Support: keeps, Objects: objects(r2, fork), Signatures: []Signature{told(r1)}}, want(3, "root 3"),
			expected{refused: Fork, says: []string{"two records 2", short(a), other}}},
		{"one record twice", Facts{Support: keeps, Objects: objects(r2, r2), Signatures: []Signature{told(r2)}}, want(3, "root 3"),
			expected{makes: []uint64{3}, destroys: []uint64{2, 2}, covers: 3}},
		{"two records below the highest", Facts{Support: keeps, Objects: objects(fork, r3, r2), Signatures: []Signature{told(r3)}}, want(4, "root 4"),
			expected{makes: []uint64{4}, destroys: []uint64{3, 2, 2}, covers: 4}},
		{"broken chain", Facts{Support: keeps, Objects: objects(r2, broken), Signatures: []Signature{told(broken)}}, want(4, "root 4"),
			expected{refused: Fork, says: []string{"record 3 of the token does not follow record 2", short(broken.Previous)}}},
		{"chain whose middle was destroyed", Facts{Support: keeps, Objects: objects(r1, r3), Signatures: []Signature{told(r3)}}, want(4, "root 4"),
			expected{makes: []uint64{4}, destroys: []uint64{3, 1}, covers: 4}},
		{"another record in the transcript", Facts{Support: keeps, Objects: objects(fork), Signatures: []Signature{told(r1), told(r2)}}, want(3, "root 3"),
			expected{refused: Fork, says: []string{"record 2 is another in 2026-11-23-image-1", "SHA-256 " + other + " on the token", short(a)}}},

		// The token behind the transcript, and ahead of it.
		{"behind", Facts{Support: keeps, Objects: objects(r1), Signatures: []Signature{told(r1), told(r2)}}, want(3, "root 3"),
			expected{refused: Behind, says: []string{"2026-11-23-image-1 has record 2 (version 2 on 2026-11-23); got record 1"}}},
		{"behind, overridden", Facts{Support: keeps, Objects: objects(r1), Signatures: []Signature{told(r2)}}, overridden(want(2, "another root 2")),
			expected{refused: Behind}},
		{"ahead, above the planned version", Facts{Support: keeps, Objects: objects(r3), Signatures: []Signature{told(r1)}}, want(2, "root 2"),
			expected{refused: Ahead, overridable: true, says: []string{"the token signed root version 3 on 2026-11-23, SHA-256 " + short(hash("root 3")) + ", which no transcript here knows of", "got version 2, SHA-256 " + short(a)}}},
		{"ahead, at the planned version", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r1)}}, want(2, "another root 2"),
			expected{refused: Ahead, overridable: true}},
		{"ahead, of a workspace that knows nothing", Facts{Support: keeps, Objects: objects(r2)}, want(1, "root 1"), expected{refused: Ahead, overridable: true}},
		{"ahead, overridden", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r1)}}, overridden(want(2, "another root 2")),
			expected{found: []Rule{Ahead}, makes: []uint64{3}, flags: hsm.LedgerOverride, destroys: []uint64{2}, covers: 3}},
		{"ahead, below the planned version", Facts{Support: keeps, Objects: objects(r2), Signatures: []Signature{told(r1)}}, want(3, "root 3"),
			expected{found: []Rule{Ahead}, says: []string{"the token has record 2 (root version 2 on 2026-11-23), but the transcripts end with record 1"}, makes: []uint64{3}, destroys: []uint64{2}, covers: 3}},

		// No record, but something says that there was one.
		{"lost, says the transcript", Facts{Support: keeps, Signatures: []Signature{told(r2)}}, want(3, "root 3"),
			expected{refused: Lost, says: []string{"2026-11-23-image-1 has record 2 (version 2 on 2026-11-23)", "got none on the token"}}},
		{"lost, the same bytes", Facts{Support: keeps, Signatures: []Signature{told(r2)}}, want(2, "root 2"), expected{refused: Lost}},
		{"lost, overridden", Facts{Support: keeps, Signatures: []Signature{told(r2)}}, overridden(want(2, "another root 2")), expected{refused: Lost}},
		{"lost with the module that kept it", Facts{Support: none, Signatures: []Signature{told(r2)}}, want(3, "root 3"),
			expected{refused: Lost, says: []string{"which keeps no ledger: NSS keeps no data objects"}}},
		{"lost, says the genesis", Facts{Support: stays, Objects: objects(genesis())}, want(1, "root 1"),
			expected{refused: Lost, says: []string{"an object on the token that cannot be destroyed says that the key has one"}}},
		{"lost, says a damaged genesis", Facts{Support: stays, Objects: []hsm.LedgerObject{torn(genesis())}}, want(1, "root 1"), expected{refused: Lost}},
		{"lost, says other evidence", Facts{Support: keeps, Evidence: "keys/root-a.yaml"}, want(1, "root 1"),
			expected{refused: Lost, says: []string{"keys/root-a.yaml says that the key has one"}}},
		{"genesis of another key", Facts{Support: stays, Objects: objects(hsm.LedgerRecord{Key: hash("another"), Time: monday})}, want(1, "root 1"),
			expected{makes: []uint64{1, 0}, covers: 1}},

		// No record, imported or older key.
		{"older key", Facts{Support: keeps, Older: true}, want(1, "root 1"),
			expected{found: []Rule{Seeded}, makes: []uint64{1}, flags: hsm.LedgerSeeded, covers: 1}},
		{"older key that signed", Facts{Support: keeps, Signatures: []Signature{alone(1, "root 1"), alone(2, "root 2")}}, want(3, "root 3"),
			expected{found: []Rule{Seeded}, says: []string{"it begins with version 3, after version 2 in the transcripts"}, makes: []uint64{1}, flags: hsm.LedgerSeeded, covers: 1}},
		{"older key, lower version", Facts{Support: keeps, Older: true, Signatures: []Signature{alone(2, "root 2")}}, want(1, "root 1"),
			expected{refused: LowerVersion, overridable: true}},
		{"older key with a record", Facts{Support: keeps, Older: true, Objects: objects(r1), Signatures: []Signature{told(r1)}}, want(2, "root 2"),
			expected{makes: []uint64{2}, destroys: []uint64{1}, covers: 2}},
		{"older key in another role", Facts{Support: keeps, Older: true, Objects: objects(r1)}, in("targets", want(1, "targets 1")), expected{makes: []uint64{1}, covers: 1}},

		// Damaged records.
		{"damaged beside an intact one", Facts{Support: keeps, Objects: append(objects(r2), torn(r1)), Signatures: []Signature{told(r2)}}, want(3, "root 3"),
			expected{found: []Rule{Damaged}, says: []string{"1 damaged records on the token beside record 2", "checksum"}, makes: []uint64{3}, destroys: []uint64{2}, covers: 3}},
		{"damaged, and the intact one is too old", Facts{Support: keeps, Objects: append(objects(r1), torn(r2)), Signatures: []Signature{told(r1), told(r2)}}, want(3, "root 3"),
			expected{refused: Damaged, says: []string{"no intact one of number 2 or later"}}},
		{"damaged alone", Facts{Support: keeps, Objects: []hsm.LedgerObject{torn(r1)}}, want(1, "root 1"), expected{refused: Damaged}},
		{"under another label", Facts{Support: keeps, Objects: []hsm.LedgerObject{{Label: t3.Label(), Record: r1, Err: errors.New("a record under another's label")}}}, want(1, "root 1"),
			expected{refused: Damaged}},
		{"damaged record of another role", Facts{Support: keeps, Objects: []hsm.LedgerObject{torn(t3)}}, want(1, "root 1"), expected{makes: []uint64{1}, covers: 1}},

		// A repository that the key never signed for.
		{"another repository, says the token", Facts{Support: keeps, Objects: objects(elsewhere(r1))}, want(1, "root 1"),
			expected{refused: OtherRepository, says: []string{"got repository " + short(hash("image")), "want " + short(hash("director"))}}},
		{"another repository, says the transcript", Facts{Support: none, Elsewhere: []string{"director"}}, want(1, "root 1"),
			expected{refused: OtherRepository, says: []string{"signed for director"}}},
		{"another repository, shared", Facts{Support: keeps, Objects: objects(elsewhere(r1)), Elsewhere: []string{"director"}, Shared: true}, want(1, "root 1"),
			expected{makes: []uint64{1}, covers: 1}},
		{"another repository beside this one", Facts{Support: keeps, Objects: objects(elsewhere(r1), r1), Signatures: []Signature{told(r1)}, Elsewhere: []string{"director"}}, want(2, "root 2"),
			expected{makes: []uint64{2}, destroys: []uint64{1}, covers: 2}},
		{"another role of this repository", Facts{Support: keeps, Objects: objects(t3)}, want(1, "root 1"), expected{makes: []uint64{1}, covers: 1}},

		// A copy that was given up, and tokens without a ledger.
		{"retired", Facts{Support: keeps, Objects: objects(r1, retired), Signatures: []Signature{told(r1), told(retired)}}, overridden(want(3, "root 3")),
			expected{refused: Retired, says: []string{"was retired on 2026-11-23"}}},
		{"no ledger on the token", Facts{Support: none, Signatures: []Signature{alone(1, "root 1")}}, want(2, "root 2"),
			expected{found: []Rule{NoLedger}, says: []string{"transcripts alone count: NSS keeps no data objects"}}},
		{"timestamp on a card", Facts{Support: hsm.LedgerSupport{Holds: true, Wears: true}}, in("timestamp", want(1, "timestamp 1")),
			expected{found: []Rule{NoLedger}, says: []string{"wear out"}}},
		{"targets on a card", Facts{Support: hsm.LedgerSupport{Holds: true, Wears: true}}, in("targets", want(1, "targets 1")), expected{makes: []uint64{1}, covers: 1}},
		{"timestamp elsewhere", Facts{Support: keeps}, in("timestamp", want(1, "timestamp 1")), expected{makes: []uint64{1}, covers: 1}},
	} {
		t.Run(test.name, func(t *testing.T) { test.want.compare(t, test.facts, test.request) })
	}
}

// compare judges and compares everything that comes of it.
func (e expected) compare(t *testing.T, f Facts, r Request) {
	t.Helper()
	verdict, err := Judge(f, r)
	var refusal *Refusal
	var got expected
	text := ""
	if errors.As(err, &refusal) {
		got.refused, got.overridable, text = refusal.Rule, refusal.Overridable, err.Error()
		if refusal.Hint == "" || !reflect.DeepEqual(verdict, Verdict{}) {
			t.Errorf("hint %q, verdict %+v", refusal.Hint, verdict)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	for _, found := range verdict.Findings {
		got.found, text = append(got.found, found.Rule), text+found.Text+"\n"
	}
	for _, m := range verdict.Make {
		got.makes = append(got.makes, m.Seq)
		if parsed, err := hsm.ParseLedgerRecord(m.Encode()); err != nil || parsed != m {
			t.Errorf("a record that is none: %+v, %v", m, err)
		}
	}
	for _, d := range verdict.Destroy {
		got.destroys = append(got.destroys, d.Seq)
	}
	got.again, got.covers = verdict.Again, verdict.Record.Seq
	if len(verdict.Make) > 0 {
		got.flags = verdict.Make[0].Flags
	}
	for _, s := range e.says {
		if !strings.Contains(text, s) {
			t.Errorf("%q is not in %q", s, text)
		}
	}
	e.says = nil // looked at above
	if !reflect.DeepEqual(got, e) {
		t.Errorf("got %+v, want %+v; %s", got, e, text)
	}
	if verdict.Overridden != slices.ContainsFunc(verdict.Findings, func(f Finding) bool { return strings.Contains(f.Text, "overridden by Ada") }) {
		t.Errorf("overridden: %v", verdict.Overridden)
	}
}

// What the next record says, field by field.
func TestNextRecord(t *testing.T) {
	r := want(3, "root 3")
	r.Time = r.Time.In(time.FixedZone("", 3600)).Add(time.Millisecond)
	verdict, err := Judge(Facts{Support: stays, Objects: objects(r2), Signatures: []Signature{told(r2)}}, r)
	if err != nil {
		t.Fatal(err)
	}
	next := hsm.LedgerRecord{
		Seq: 3, Time: monday.AddDate(0, 0, 1), Key: place.Key, Repository: place.Repository, Role: hash("root"),
		Version: 3, Signed: hash("root 3"), Previous: r2.Hash(), Plan: hash("next plan"),
	}
	first := hsm.LedgerRecord{Time: next.Time, Key: place.Key, Plan: hash("next plan")}
	if !slices.Equal(verdict.Make, []hsm.LedgerRecord{next, first}) || verdict.Record != next || !slices.Equal(verdict.Destroy, []hsm.LedgerRecord{r2}) {
		t.Errorf("got %+v", verdict)
	}
}

func TestRequestThatIsNone(t *testing.T) {
	for _, spoil := range []func(*Request){
		func(r *Request) { r.Role = "" }, func(r *Request) { r.Version = 0 }, func(r *Request) { r.Time = time.Time{} },
	} {
		r := want(1, "root 1")
		spoil(&r)
		if _, err := Judge(Facts{Support: keeps}, r); err == nil || !strings.Contains(err.Error(), "ledger: request; got") {
			t.Errorf("got %v", err)
		}
	}
}
