package review

import (
	"bytes"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/roles"
)

// TestBuildRefuses gives it a plan whose hash of the bytes to sign is another's.
func TestBuildRefuses(t *testing.T) {
	s := first(t)
	s.plan.Files[0].SHA256 = digest.Of([]byte("others"))
	_, err := Build(s.scene, s.plan, "root")
	ceremonytest.WantError(t, err, fault.Unverified, "image/metadata/1.root.json: the bytes to sign differ from the plan")
	s.plan.Files = s.plan.Files[1:]
	_, err = Build(s.scene, s.plan, "root")
	ceremonytest.WantError(t, err, fault.Usage, "files has no entry for role root")
}

// TestLint gives it bytes that a token would sign, and clients would not read as
// they were meant.
func TestLint(t *testing.T) {
	s := first(t)
	good := s.build("root")
	replaced := func(data []byte, old, new string) []byte {
		changed := bytes.Replace(data, []byte(old), []byte(new), 1)
		if bytes.Equal(changed, data) {
			t.Fatalf("%s has no %s", data, old)
		}
		return changed
	}
	spec := replaced(good.draft.JSON, `"spec_version":"1.0.0"`, `"spec_version":"1.0.9"`)
	for want, draft := range map[string]roles.Draft{
		"does not read back":                       {JSON: good.draft.JSON[1:], Signed: good.draft.Signed},
		"reads back with other bytes to sign":      {JSON: good.draft.JSON, Signed: replaced(good.draft.Signed, "2027", "2028")},
		"does not survive being read and written":  {JSON: spec, Signed: spec},
		"2.root.json: does not survive being read": {JSON: spec, Signed: spec},
	} {
		draft.Format, draft.Type = good.draft.Format, good.draft.Type
		file := good.file
		file.SHA256, file.Path = digest.SHA256{}, "2.root.json"
		if _, err := newCandidate(file, &draft, draft.SHA256()); err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestQuorums counts the signatures of a file before it is put in place, and of
// one that is there: by the previous root, by the new one, by root for the rest.
func TestQuorums(t *testing.T) {
	stages := map[string]*stage{"first": first(t), "rotated": rotated(t)}
	for _, tt := range []struct {
		stage, role string
		signers     []string
		want        string
	}{
		{"first", "root", []string{"root-a", "root-b"}, ""},
		{"first", "root", []string{"root-a"}, "1.root.json: 1 of 2 signatures that role root needs"},
		{"first", "root", nil, "0 of 2 signatures"},
		{"first", "targets", []string{"targets-a"}, ""},
		{"first", "targets", nil, "1.targets.json: 0 of 1 signatures that role targets needs"},
		{"rotated", "root", []string{"root-a", "root-b", "root-c"}, ""},
		{"rotated", "root", []string{"root-b", "root-c"}, "2.root.json: previous root: 1 of 2 signatures that role root needs"},
		{"rotated", "root", []string{"root-a", "root-b"}, "2.root.json: 1 of 2 signatures that role root needs"},
	} {
		r := stages[tt.stage].review(tt.role)
		var signatures []transcript.Signed
		for _, name := range tt.signers {
			signatures = append(signatures, r.signedBy(name))
		}
		sealed, sealErr := r.Seal(signatures)
		placed, placeErr := r.Placed(ceremonytest.Sealed(t, r.draft, tt.signers...))
		for how, err := range map[string]error{"to be placed": sealErr, "in place": placeErr} {
			if tt.want == "" && err != nil {
				t.Errorf("%s by %q, %s: %v", tt.role, tt.signers, how, err)
			} else if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			}
		}
		if tt.want == "" && !bytes.Equal(sealed.Raw, placed.Raw) {
			t.Errorf("%s by %q: two files", tt.role, tt.signers)
		}
	}
}

// TestPlacedRefuses finds another file in the place of the one that is signed.
// TestBelowThresholds takes for a kit what reaches no threshold, once it is verified.
func TestBelowThresholds(t *testing.T) {
	r := rotated(t).review("root")
	a, b := r.signedBy("root-a"), r.signedBy("root-b")
	if err := r.BelowThresholds([]transcript.Signed{a}); err != nil {
		t.Error(err)
	}
	ceremonytest.WantError(t, r.BelowThresholds([]transcript.Signed{a, b}), fault.Refused, "these signatures reach a threshold (previous root)")
	bad := a
	bad.Signature = b.Signature
	ceremonytest.WantError(t, r.BelowThresholds([]transcript.Signed{bad}), fault.Unverified, "signature by root-a")
}

func TestPlacedRefuses(t *testing.T) {
	s := first(t)
	root := s.build("root")
	_, err := root.Placed([]byte("{}"))
	ceremonytest.WantError(t, err, fault.Unverified, "1.root.json: ")
	s.Now = s.Now.AddDate(0, 0, 2)
	other := newStage(t, s.Software).build("root")
	_, err = root.Placed(ceremonytest.Sealed(t, other.draft, "root-a", "root-b"))
	ceremonytest.WantError(t, err, fault.Unverified, "1.root.json is there, but it is not what this ceremony signs")
}

// TestSealReadsBack has a file that does not hold the bytes that were signed.
func TestSealReadsBack(t *testing.T) {
	r := first(t).review("root")
	signatures := []transcript.Signed{r.signedBy("root-a"), r.signedBy("root-b")}
	other := *r.draft
	other.JSON = bytes.Replace(other.JSON, []byte("2027"), []byte("2028"), 1)
	r.draft = &other
	if _, err := r.Seal(signatures); err == nil || err.Error() != "image/metadata/1.root.json: reads back with other bytes to sign" {
		t.Errorf("got %v", err)
	}
}
