package run

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// rollBack puts a workspace back to what an earlier copy of the disk holds. What
// tokens hold is not on that disk.
func (s *stage) rollBack(to *stage) {
	s.t.Helper()
	for _, name := range []string{"ceremonies", "image", "keys"} {
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			s.t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(s.dir, name), os.DirFS(filepath.Join(to.dir, name))); err != nil {
			s.t.Fatal(err)
		}
	}
}

// The disk is rolled back to before root 2: a second root 2 was signed, and
// nobody could tell which one vehicles have. The token can.
func TestRolledBackDisk(t *testing.T) {
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	before := s.copy()
	s.makePlan(plan.Request{Renew: []string{"root", "timestamp"}})
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	signed := s.signatures()
	s.rollBack(before)
	made, err := derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Renew: []string{"root"}, Reason: "other bytes", Now: s.now().Add(5e9)})
	if err != nil {
		t.Fatal(err)
	}
	s.plan, s.paper["plan"] = made.Plan, made.SHA256
	err = s.unattended(t.Context(), nil)
	ceremonytest.WantError(t, err, fault.Refused, "LEDGER-AHEAD: key root-a: the token signed root version 2"+
		ceremonytest.Hinted+"if no vehicle and no server can have what was signed: keyrite abort "+s.plan.Ceremony+" --reason TEXT, then keyrite plan image --override REASON")
	if signed == 0 {
		t.Error("nothing was signed before")
	}
	for _, e := range s.events() {
		if _, ok := e.Data.(transcript.Signed); ok {
			t.Error("a second root 2 was signed")
		}
	}
	made, err = derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Now: s.now()})
	if err == nil {
		t.Errorf("a plan beside an open ceremony: %v", made.Plan)
	}
}

// timestampRolledBack is a stage in which timestamp 2 was signed, and whose disk is
// what it was before.
func timestampRolledBack(t *testing.T) (s *stage, second transcript.Signed) {
	t.Helper()
	s = newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	before := s.copy()
	s.makePlan(plan.Request{Renew: []string{"timestamp"}})
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.events() {
		if d, ok := e.Data.(transcript.Signed); ok {
			second = d
		}
	}
	s.rollBack(before)
	return s, second
}

// Timestamp 2 is taken away with its transcript, as if it had never been: another
// timestamp 2 is refused.
func TestRolledBackTimestamp(t *testing.T) {
	s, _ := timestampRolledBack(t)
	made, err := derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Renew: []string{"timestamp"}, Reason: "other", Now: s.now().Add(5e9)})
	if err != nil {
		t.Fatal(err)
	}
	s.plan, s.paper["plan"] = made.Plan, made.SHA256
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Refused, "LEDGER-AHEAD: key timestamp-a: the token signed timestamp version 2"+
		ceremonytest.Hinted+"or sign a higher version: set floor: 3 for timestamp in trust.yaml, then keyrite abort "+s.plan.Ceremony+" --reason TEXT, and keyrite plan image")

	// What the hint says leads out.
	ceremonytest.Rewrite(t, s.dir, "trust.yaml", func(text string) string {
		return strings.Replace(text, "timestamp: {keys: [timestamp-a]", "timestamp: {floor: 3, keys: [timestamp-a]", 1)
	})
	if _, err := Abort(s.room(prompt.Nobody(io.Discard)), s.plan.Ceremony, "the disk was rolled back", false); err != nil {
		t.Fatal(err)
	}
	s.makePlan(plan.Request{})
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Error(err)
	}

}

// One record for each key and role is on the token, whatever came before; the
// transcripts know its number and its hash.
func TestLedgerRecords(t *testing.T) {
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.makePlan(plan.Request{Renew: []string{"timestamp"}})
		if err := s.unattended(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	past, err := ceremonies.ReadPast(ceremonytest.Open(t, s.dir), "image", "")
	if err != nil {
		t.Fatal(err)
	}
	newest, _ := past.Newest("timestamp")
	if newest.Version != 4 || len(newest.By) != 1 || newest.By[0].Record != 4 || newest.By[0].RecordHash.IsZero() {
		t.Errorf("got %+v, want version 4 with record 4", newest)
	}
	if known := past.Signatures(newest.By[0].Key, "timestamp"); len(known) != 1 || known[0].Version != 4 || known[0].Seq != 4 {
		t.Errorf("the workspace's ledger has %+v", known)
	}
	notes := 0
	for _, e := range s.events() {
		if d, ok := e.Data.(transcript.Note); ok && strings.Contains(d.Text, "LEDGER") {
			notes++
		}
	}
	if notes != 0 {
		t.Errorf("%d findings where nothing is wrong", notes)
	}
}

// After the disk was rolled back, and people have made sure that this copy is the
// one that counts, the ledger is begun again: timestamp 2 stays taken, and 3 is signed.
func TestAdoptLedger(t *testing.T) {
	s, _ := timestampRolledBack(t)
	adopt := func(r custody.Restatement, answers ...string) error {
		_, err := custody.AdoptLedger(t.Context(), s.room(&ceremonytest.Person{Answers: answers}), r)
		return err
	}
	asked := custody.Restatement{Repository: "image", Role: "timestamp", Key: "timestamp-a", Because: "disk restored"}
	ceremonytest.WantError(t, adopt(custody.Restatement{Repository: "image", Role: "timestamp", Key: "nobody"}), fault.Usage, "there is no nobody")
	ceremonytest.WantError(t, adopt(custody.Restatement{Repository: "other", Role: "timestamp", Key: "timestamp-a"}), fault.Usage, `repository is "other"`)
	ceremonytest.WantError(t, adopt(custody.Restatement{Repository: "image", Role: "snapshot", Key: "nobody"}), fault.Usage, "there is no nobody")
	record := filepath.Join(s.dir, "keys/timestamp-a.yaml")
	if err := os.Rename(record, record+".lost"); err != nil {
		t.Fatal(err)
	}
	ceremonytest.WantError(t, adopt(asked, ceremonytest.AsAsked), fault.Usage, "there is no keys/timestamp-a.yaml")
	if err := os.Rename(record+".lost", record); err != nil {
		t.Fatal(err)
	}
	ceremonytest.WantError(t, adopt(asked, "no"), fault.Failed, "not confirmed")
	if err := adopt(asked, ceremonytest.AsAsked); err != nil {
		t.Fatal(err)
	}
	past, err := ceremonies.ReadPast(ceremonytest.Open(t, s.dir), "image", "")
	if err != nil {
		t.Fatal(err)
	}
	if last, _ := past.Newest("timestamp"); last.Version != 2 || last.By[0].Record != 3 {
		t.Errorf("got %+v, want version 2 with record 3", last)
	}
	s.makePlan(plan.Request{Renew: []string{"timestamp"}})
	if got := s.plan.Files[0].Version; got != 3 {
		t.Errorf("timestamp %d is planned, want 3", got)
	}
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// A line in the transcript of custody that people never agreed to says that the
// token's newest record is of timestamp 1: it does not free timestamp 2.
func TestForgedRestatement(t *testing.T) {
	s, second := timestampRolledBack(t)
	log, err := transcript.Open(ceremonytest.Open(t, s.dir).Folder, transcript.CustodyOf("main"), s.now)
	if err != nil {
		t.Fatal(err)
	}
	forged := transcript.Restated{
		Repository: "image", Role: "timestamp", Version: 1, Key: "timestamp-a", Fingerprint: second.Fingerprint, Token: "00",
		SHA256: second.SHA256, Record: second.Record, RecordHash: second.RecordHash, Because: "forged",
	}
	if err := log.Append(0, transcript.ActorPerson, forged); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	made, err := derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Renew: []string{"timestamp"}, Reason: "other", Now: s.now().Add(5e9)})
	if err != nil {
		t.Fatal(err)
	}
	s.plan, s.paper["plan"] = made.Plan, made.SHA256
	if got := s.plan.Files[0].Version; got != 2 {
		t.Fatalf("timestamp %d is planned, want the attacker's 2", got)
	}
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Refused, "LEDGER-OTHER-BYTES: key timestamp-a")
}
