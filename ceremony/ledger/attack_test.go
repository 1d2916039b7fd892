package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// world is a token and a workspace, with what really was signed.
type world struct {
	random *rand.Rand
	token  []hsm.LedgerRecord
	disk   []Signature

	tokens [][]hsm.LedgerRecord // states to roll back to
	disks  [][]Signature
	signed map[int64][32]byte
}

// sign goes through the protocol of one signature, and may crash on the way. It
// reports two files of one version, or a lower version than was signed.
func (w *world) sign(t *testing.T, leaks bool) {
	w.tokens, w.disks = append(w.tokens, slices.Clone(w.token)), append(w.disks, slices.Clone(w.disk))
	version := 1 + w.random.Int64N(6)
	r := want(version, fmt.Sprintf("root %d, file %d", version, w.random.IntN(3)))
	verdict, err := Judge(Facts{Support: keeps, Objects: objects(w.token...), Signatures: w.disk}, r)
	if err != nil {
		return
	}
	w.token = append(w.token, verdict.Make...)
	if w.random.IntN(4) == 0 {
		return // killed between the record and the signature
	}
	lost := w.random.IntN(4) == 0 // killed between the signature and its transcript
	if !lost || leaks {
		w.publish(t, r)
	}
	if lost {
		return
	}
	w.disk = append(w.disk, Signature{Version: version, Signed: r.Signed, Time: r.Time, Where: "transcript", Seq: verdict.Record.Seq, Record: verdict.Record.Hash()})
	if verdict.Record.Seq == 0 {
		w.disk[len(w.disk)-1].Record = [32]byte{}
	}
	for _, gone := range verdict.Destroy {
		if w.random.IntN(3) > 0 { // or it fails
			w.token = slices.DeleteFunc(w.token, func(r hsm.LedgerRecord) bool { return r == gone })
		}
	}
}

// publish gives a signature to the world.
func (w *world) publish(t *testing.T, r Request) {
	if before, ok := w.signed[r.Version]; ok && before != r.Signed {
		t.Fatalf("version %d: signed %s and %s", r.Version, short(before), short(r.Signed))
	}
	for version := range w.signed {
		if _, again := w.signed[r.Version]; version > r.Version && !again {
			t.Fatalf("signed version %d after %d", r.Version, version)
		}
	}
	w.signed[r.Version] = r.Signed
}

// forged is a signature that a transcript claims.
func forged(random *rand.Rand) Signature {
	version := 1 + random.Int64N(6)
	return alone(version, fmt.Sprintf("root %d, file %d", version, random.IntN(3)))
}

// One witness is rolled back, lies or loses what it knew, again and again, and runs are
// killed: no version is ever signed with two files, and none below another, as long
// as the other witness is left alone.
func TestOneWitnessIsEnough(t *testing.T) {
	signatures := 0
	for seed := range uint64(1000) {
		w := &world{random: rand.New(rand.NewPCG(seed, 1)), signed: map[int64][32]byte{}}
		tokenIsAttacked := seed%2 == 0
		for range 30 {
			w.sign(t, !tokenIsAttacked)
			if w.random.IntN(4) > 0 {
				continue
			}
			n := w.random.IntN(len(w.tokens))
			switch {
			case !tokenIsAttacked && w.random.IntN(2) == 0:
				w.disk = slices.Clone(w.disks[n])
			case !tokenIsAttacked:
				w.disk = append(w.disk, forged(w.random))
			case w.random.IntN(2) == 0:
				w.token = slices.Clone(w.tokens[n])
			case len(w.token) > 0:
				w.token = slices.Delete(w.token, 0, 1+w.random.IntN(len(w.token)))
			}
		}
		signatures += len(w.signed)
	}
	if signatures < 1500 {
		t.Errorf("only %d versions were signed: the rules refuse too much, or this test tries too little", signatures)
	}
	t.Logf("%d versions signed", signatures)
}
