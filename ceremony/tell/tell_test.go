package tell

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// locked is what a good token says.
var locked = hsm.Evidence{Local: true, Sensitive: true, AlwaysSensitive: true, NeverExtractable: true, KeyGenMechanism: "CKM_EC_EDWARDS_KEY_PAIR_GEN", SignMechanism: "CKM_EDDSA"}

func TestEvent(t *testing.T) {
	sum := digest.SHA256{0xab, 0xcd, 0xef, 0x01}
	mark := []transcript.Mark{{Role: "root", Version: 2, Placed: true}, {Role: "targets", Version: 3}}
	for _, test := range []struct {
		data transcript.Data
		want string
	}{
		{transcript.Started{Plan: sum, Room: sum}, "began with plan abcdef01… in room abcdef01…"},
		{transcript.Resumed{Plan: sum, Room: sum}, "went on with plan abcdef01… in room abcdef01…"},
		{transcript.Compared{What: "plan", Places: []int{3, 17}}, "typed words 3, 17 of the plan, as they stand on paper"},
		{transcript.Checkpoint{}, "the hash of this line was shown in words, for the witness's paper"},
		{transcript.Generating{Key: "k", Type: hsm.Ed25519, Token: "s", ID: "01", Backup: true}, "about to generate k (ed25519, for backup) on token s under id 01"},
		{transcript.Generated{Key: "k", Fingerprint: sum, Evidence: locked}, "generated k, public key abcdef01…: " + Evidence(locked)},
		{transcript.Vouched{Key: "k", Fingerprint: sum, By: "found on token t"}, "k, public key abcdef01…, is vouched for: found on token t"},
		{transcript.Imported{Repository: "image", Root: sum, Files: mark}, "took in 2 files of repository image that others signed, verified from the root with SHA-256 abcdef01…"},
		{transcript.Restated{Key: "k", Token: "s", Record: 4, Role: "root", Version: 2, SHA256: sum, Because: "b"}, "the ledger of k on token s begins again with record 4, root 2 (abcdef01…): b"},
		{transcript.Reviewed{Role: "root", Version: 2, SHA256: sum, Policy: "p", Passed: []string{"A"}}, "reviewed root 2, bytes to sign abcdef01…: policy p, 1 check passed, 0 findings"},
		{transcript.Signing{Role: "root", Version: 2, Key: "k", Token: "s", SHA256: sum}, "about to have k on token s sign root 2 (abcdef01…)"},
		{transcript.Signed{Role: "root", Version: 2, Key: "k", SHA256: sum}, "k signed root 2 (abcdef01…); the signature is verified"},
		{transcript.Signed{Role: "root", Version: 2, Key: "k", SHA256: sum, External: true}, "k signed root 2 (abcdef01…) elsewhere, and the signature was brought in; it is verified"},
		{transcript.Writing{Path: "f", Bytes: 1, SHA256: sum, Kept: "g"}, "about to write f, 1 byte, abcdef01…, in the place of g"},
		{transcript.Written{Path: "f", Bytes: 2, SHA256: sum}, "wrote f, 2 bytes, abcdef01…; read back"},
		{transcript.Verified{Files: make([]transcript.VerifiedFile, 2)}, "verified as a client does: 2 files"},
		{transcript.Verified{Until: "snapshot", Notes: []roles.Note{{Text: "odd"}}}, "verified as a client does, up to snapshot, which is signed elsewhere: 0 files; odd"},
		{transcript.Destroying{Key: "k", Token: "s"}, "about to destroy k on token s"},
		{transcript.Destroyed{Key: "k", Token: "s"}, "destroyed k on token s"},
		{transcript.Adopted{Key: "k", Token: "s", Fingerprint: sum, Because: "b"}, "took in k, public key abcdef01…, found on token s: b"},
		{transcript.Wrapping{Token: "u", Label: "w"}, "about to make the wrapping key w on u"},
		{transcript.Wrapped{Token: "u", Label: "w", CheckValue: "c"}, "made the wrapping key w on u, check value c"},
		{transcript.BackingUp{Key: "k", Token: "s", WrappingKey: "w"}, "about to take k from token s, wrapped under w"},
		{transcript.Shared{Needed: 2, Made: 3, CheckValue: "dc95c0"}, "gave out a new wrapping key in 3 shares, 2 needed, check value dc95c0"},
		{transcript.BackedUp{Key: "k", Backup: sum, CheckValue: "dc95c0"}, "k was backed up, file abcdef01…, wrapping key with check value dc95c0"},
		{transcript.ImportedKey{Key: "k", Fingerprint: sum}, "took in k, public key abcdef01…, of somebody else; nobody has compared its words"},
		{transcript.ImportedKey{Key: "k", Fingerprint: sum, ComparedBy: "a", With: "b", Channel: "c"}, "took in k, public key abcdef01…, of somebody else; a compared its words with b: c"},
		{transcript.Restoring{Key: "k", Token: "s", Backup: sum}, "about to put k onto token s from backup abcdef01…"},
		{transcript.Restored{Key: "k", Token: "s", Backup: sum}, "k was put onto token s from backup abcdef01…"},
		{transcript.Initialising{Module: "m", Label: "l"}, "about to set up token l of module m"},
		{transcript.Initialising{Module: "m", Label: "l", Erases: "s"}, "about to set up token l of module m, which destroys the keys on s"},
		{transcript.Initialised{Label: "l", Serial: "s"}, "set up token l, serial s"},
		{transcript.Asked{Phrase: "p"}, `asked whoever is there to type "p"`},
		{transcript.Asked{Who: "a", Phrase: "p"}, `asked a to type "p"`},
		{transcript.Agreed{Phrase: "p"}, `typed "p"`},
		{transcript.Declined{Phrase: "p"}, `did not type "p": that is a no`},
		{transcript.Unattended{Phrase: "p", Token: "t", Roles: []string{"a", "b"}}, `"p" without a person: site.yaml lets token t do so for a, b`},
		{transcript.Failed{Error: "e"}, "did not come to its end: e"},
		{transcript.Note{Text: "n"}, "note: n"},
		{transcript.Torn{Bytes: 3, SHA256: sum}, "a line of 3 bytes that a crash had cut short was removed (abcdef01…)"},
		{transcript.Finished{Signed: mark}, "finished; signed root 2, targets 3 (not put in place)"},
		{transcript.Aborted{Because: "b"}, "aborted: b; signed none"},
		{transcript.Note{Text: "\x1b[2J\n\u202ex"}, `note: \u001b[2J\u000a\u202ex`},
	} {
		if got := Event(test.data); got != test.want {
			t.Errorf("%T: got %q, want %q", test.data, got, test.want)
		}
	}
}

// TestEvidence makes each property worse, one at a time: what is in capitals must
// not be missed.
func TestEvidence(t *testing.T) {
	good := Evidence(locked)
	if good != "made on this token, never shown in the clear, can never leave it, and never could, made by CKM_EC_EDWARDS_KEY_PAIR_GEN, signs by CKM_EDDSA" {
		t.Errorf("got %s", good)
	}
	for want, worse := range map[string]func(*hsm.Evidence){
		"NOT known to be made on this token":    func(e *hsm.Evidence) { e.Local = false },
		"NOT known to have been hidden always":  func(e *hsm.Evidence) { e.AlwaysSensitive = false },
		"NOT known to have been hidden always,": func(e *hsm.Evidence) { e.Sensitive = false },
		"but perhaps could once":                func(e *hsm.Evidence) { e.NeverExtractable = false },
		"only wrapped under a key":              func(e *hsm.Evidence) { e.Extractable, e.WrapWithTrusted = true, true },
		"CAN LEAVE IT":                          func(e *hsm.Evidence) { e.Extractable = true },
		"whoever has the PIN can change":        func(e *hsm.Evidence) { e.Modifiable = true },
		"and never could, signs by CKM_EDDSA":   func(e *hsm.Evidence) { e.KeyGenMechanism = "" },
	} {
		e := locked
		worse(&e)
		if got := Evidence(e); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
