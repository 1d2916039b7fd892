package derive

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
)

func TestChooseSigners(t *testing.T) {
	root := func(keys string, threshold int) scene.Quorum {
		return scene.Quorum{Name: "new root", Keys: strings.Fields(keys), Threshold: threshold}
	}
	previous := func(keys string, threshold int) scene.Quorum {
		return scene.Quorum{Name: "previous root", Keys: strings.Fields(keys), Threshold: threshold}
	}
	for _, tt := range []struct {
		name    string
		quorums []scene.Quorum
		away    string   // keys that are not held
		byHand  string   // keys whose signatures are brought in
		want    []string // KEY: what it counts for
		err     string
	}{
		{"as few as needed", []scene.Quorum{root("a b c", 2)}, "", "", []string{"a: new root", "b: new root"}, ""},
		{"in the order of trust.yaml", []scene.Quorum{root("c a b", 2)}, "", "", []string{"c: new root", "a: new root"}, ""},
		{"what is held", []scene.Quorum{root("a b c", 2)}, "a", "", []string{"b: new root", "c: new root"}, ""},
		{"same keys", []scene.Quorum{previous("a b", 1), root("a b", 1)}, "", "", []string{"a: previous root+new root"}, ""},
		{"one replaced", []scene.Quorum{previous("a b", 2), root("a c", 2)}, "", "",
			[]string{"a: previous root+new root", "b: previous root", "c: new root"}, ""},
		{"what counts twice comes first", []scene.Quorum{previous("a b", 1), root("c b", 1)}, "", "", []string{"b: previous root+new root"}, ""},
		{"threshold raised", []scene.Quorum{previous("a b c", 1), root("a b c", 2)}, "", "",
			[]string{"a: previous root+new root", "b: previous root+new root"}, ""},
		{"threshold lowered", []scene.Quorum{previous("a b c", 2), root("a b c", 1)}, "", "",
			[]string{"a: previous root+new root", "b: previous root+new root"}, ""},
		{"all replaced", []scene.Quorum{previous("a", 1), root("b", 1)}, "", "", []string{"a: previous root", "b: new root"}, ""},
		{"a takeover", []scene.Quorum{previous("x", 1), root("a b c", 2)}, "", "x", []string{"a: new root", "b: new root", "x by hand: previous root"}, ""},
		{"on tokens before by hand", []scene.Quorum{previous("x a", 1), root("x a", 1)}, "", "x", []string{"a: previous root+new root"}, ""},
		{"by hand where tokens do not suffice", []scene.Quorum{root("x a b", 2)}, "b", "x", []string{"a: new root", "x by hand: new root"}, ""},
		{"new threshold out of reach", []scene.Quorum{previous("a b", 1), root("a c", 2)}, "c", "", nil,
			"root: the threshold of new root cannot be reached here; got 1 of 2 keys (a)"},
		{"nobody knows the old keys", []scene.Quorum{previous("", 1), root("b", 1)}, "", "", nil,
			"root: the threshold of previous root cannot be reached here; none of its keys has a record in keys/"},
		{"old threshold out of reach", []scene.Quorum{previous("a", 1), root("b", 1)}, "a", "", nil,
			"root: the threshold of previous root cannot be reached here; no key of it is held here, want 1"},
	} {
		reached := func(key string) reach {
			switch {
			case slices.Contains(strings.Fields(tt.away), key):
				return nowhere
			case slices.Contains(strings.Fields(tt.byHand), key):
				return byHand
			}
			return onToken
		}
		signers, err := chooseSigners("root", tt.quorums, reached)
		if tt.err != "" {
			if fault.CodeOf(err) != fault.Refused || err.Error() != tt.err {
				t.Errorf("%s: got %v (code %d), want %s", tt.name, err, fault.CodeOf(err), tt.err)
			}
			continue
		}
		var got []string
		for _, s := range signers {
			kind := map[bool]string{true: " by hand"}[s.external]
			got = append(got, s.key+kind+": "+strings.Join(s.countsFor, "+"))
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}
