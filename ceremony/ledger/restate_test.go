package ledger

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestRestate(t *testing.T) {
	burnt, second := record(2, "another root 2", r1), record(2, "root 2", record(2, "another root 2", r1))
	later := alone(2, "root 2")
	later.Time = later.Time.Add(1)
	for _, test := range []struct {
		name     string
		facts    Facts
		seq      uint64
		version  int64
		signed   [32]byte
		previous [32]byte
	}{
		{"nothing is known", Facts{}, 1, 0, [32]byte{}, [32]byte{}},
		{"transcripts without records", Facts{Signatures: []Signature{alone(2, "root 2"), alone(1, "root 1")}}, 1, 2, hash("root 2"), [32]byte{}},
		{"a lost ledger", Facts{Signatures: []Signature{told(r1), told(r2)}}, 3, 2, hash("root 2"), r2.Hash()},
		{"a token that was rolled back", Facts{Objects: objects(r1), Signatures: []Signature{told(r2), told(r1)}}, 3, 2, hash("root 2"), r2.Hash()},
		{"a token that is ahead", Facts{Objects: objects(r2), Signatures: []Signature{told(r1)}}, 3, 2, hash("root 2"), r2.Hash()},
		{"both alike", Facts{Objects: objects(r2), Signatures: []Signature{told(r2)}}, 3, 2, hash("root 2"), r2.Hash()},
		{"a higher version in the transcripts", Facts{Objects: objects(r1), Signatures: []Signature{alone(7, "root 7")}}, 2, 7, hash("root 7"), r1.Hash()},
		{"a version that was signed twice", Facts{Signatures: []Signature{told(burnt), told(second)}}, 4, 2, hash("root 2"), second.Hash()},
		{"a version that was signed twice, without records", Facts{Signatures: []Signature{alone(2, "another root 2"), later}}, 1, 2, hash("root 2"), [32]byte{}},
		{"a lower version after a higher one", Facts{Objects: objects(record(1, "root 1 again", r3)), Signatures: []Signature{told(r3)}}, 5, 3, hash("root 3"), record(1, "root 1 again", r3).Hash()},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.facts.Support = keeps
			got, err := Restate(test.facts, place, hsm.LedgerAdopted, hash("plan"), monday)
			if err != nil {
				t.Fatal(err)
			}
			want := place.empty()
			want.Flags, want.Time, want.Plan = hsm.LedgerAdopted, monday, hash("plan")
			want.Seq, want.Version, want.Signed, want.Previous = test.seq, test.version, test.signed, test.previous
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if _, err := hsm.ParseLedgerRecord(got.Encode()); err != nil {
				t.Error(err)
			}
		})
	}
}

// After a ledger was begun again, with the transcript of that, the next signature
// goes through, and what was refused before is still refused.
func TestRestateSettles(t *testing.T) {
	fork, gone := record(2, "another root 2", r1), told(r2)
	for name, facts := range map[string]Facts{
		"lost":    {Signatures: []Signature{gone}},
		"behind":  {Objects: objects(r1), Signatures: []Signature{gone}},
		"fork":    {Objects: objects(fork, r2), Signatures: []Signature{gone}},
		"other":   {Objects: objects(fork), Signatures: []Signature{gone}},
		"damaged": {Objects: []hsm.LedgerObject{torn(r2)}, Signatures: []Signature{gone}},
		"retired": {Objects: objects(func() hsm.LedgerRecord { r := r2; r.Flags = hsm.LedgerRetired; return r }())},
	} {
		t.Run(name, func(t *testing.T) {
			facts.Support = keeps
			if _, err := Judge(facts, want(3, "root 3")); err == nil {
				t.Error("signs before")
			}
			adopted, err := Restate(facts, place, hsm.LedgerAdopted, hash("plan"), monday)
			if err != nil {
				t.Fatal(err)
			}
			facts.Objects = append(facts.Objects, object(adopted))
			facts.Signatures = append(facts.Signatures, told(adopted))
			verdict, err := Judge(facts, want(3, "root 3"))
			if err != nil || verdict.Record.Previous != adopted.Hash() {
				t.Errorf("got %+v, %v", verdict, err)
			}
			if _, err := Judge(facts, want(2, "a third root 2")); err == nil {
				t.Error("signs other bytes of the version")
			}
		})
	}
}

func TestRestateRefuses(t *testing.T) {
	for _, test := range []struct {
		support hsm.LedgerSupport
		role    string
		flag    hsm.LedgerFlags
		want    string
	}{
		{keeps, "root", 0, "flag of a record without a signature; got 0x0"},
		{keeps, "root", hsm.LedgerOverride, "got 0x4"},
		{keeps, "root", hsm.LedgerSeeded | hsm.LedgerRetired, "got 0x9"},
		{none, "root", hsm.LedgerSeeded, "NSS keeps no data objects"},
		{hsm.LedgerSupport{Holds: true, Wears: true}, "timestamp", hsm.LedgerSeeded, "wear out"},
	} {
		p := place
		p.Role = test.role
		if _, err := Restate(Facts{Support: test.support}, p, test.flag, hash("plan"), monday); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}
