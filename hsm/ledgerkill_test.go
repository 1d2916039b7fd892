package hsm_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// tryProtocol is the protocol of one signature: read, create and read back, and
// destroy what is superseded.
func (g target) tryProtocol(ctx context.Context, old, next hsm.LedgerRecord) error {
	token, err := hsm.Open(ctx, g.module, g.uri)
	if err != nil {
		return err
	}
	defer token.Close()
	if err := token.Login(ctx, []byte(g.pin)); err != nil {
		return err
	}
	if _, err := token.Ledger(ctx); err != nil {
		return err
	}
	if err := token.CreateLedgerRecords(ctx, next); err != nil {
		return err
	}
	return token.DestroyLedgerRecords(ctx, []hsm.LedgerRecord{old})
}

// killLedger kills the module before every call of the protocol, which is also
// after the one before it, in the helper that creates and in the one that
// destroys. Whenever it was, the token holds the old record, both or the new one,
// all intact, and the next protocol goes through; its key is never touched.
func killLedger(t *testing.T, plain target) {
	token := plain.open(t)
	key := hsmtest.Generate(t, token, "killed", plain.kind)
	old := aRecord(1, 1)
	old.Key = sha256.Sum256([]byte("killed"))
	create(t, token, old)
	token.Close()
	kills := 0
	for process, calls := range plain.protocolCalls(t, &old) {
		for _, call := range slices.Sorted(maps.Keys(calls)) {
			for n := 1; n <= calls[call]; n++ {
				what := fmt.Sprintf("helper %d, before %s #%d", process+1, call, n)
				g, log := plain.faultyProcess(t, process+1, fmt.Sprintf("%s %d before crash", call, n))
				err := g.tryProtocol(t.Context(), old, after(old))
				reached := helperCalls(t, log)[process][call] >= n // the order of objects is the module's
				if reached && !errors.Is(err, hsm.ErrCrashed) && !slices.Contains(atClose, call) {
					t.Errorf("%s: got %v", what, err)
				}
				old = plain.settle(t, key, old, what)
				kills++
			}
		}
	}
	t.Logf("%s: killed %d times", plain.module.Name, kills)
}

// protocolCalls counts the calls of the protocol's helpers: the one that creates,
// and the one that destroys. It moves the ledger on by one record.
func (g target) protocolCalls(t *testing.T, old *hsm.LedgerRecord) (helpers []map[string]int) {
	t.Helper()
	logged, log := g.faultyProcess(t, 0, "")
	next := after(*old)
	if err := logged.tryProtocol(t.Context(), *old, next); err != nil {
		t.Fatal(err)
	}
	*old = next
	if helpers = helperCalls(t, log); len(helpers) != 2 {
		t.Fatalf("got %d helpers, want 2", len(helpers))
	}
	return helpers
}

// helperCalls counts the calls in a log, by helper.
func helperCalls(t *testing.T, log string) (helpers []map[string]int) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range strings.Fields(string(text)) {
		if call == "C_Initialize" {
			helpers = append(helpers, map[string]int{})
		}
		helpers[len(helpers)-1][call]++
	}
	return helpers
}

// settle looks what a killed protocol left, and goes on from it. It returns the
// one record that is left.
func (g target) settle(t *testing.T, key *hsm.Key, old hsm.LedgerRecord, what string) hsm.LedgerRecord {
	t.Helper()
	token := g.open(t)
	defer token.Close()
	found, err := token.Find(t.Context(), key.Public())
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if _, err := found.Sign(t.Context(), []byte("metadata")); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	head := old
	switch got := records(t, token, old.Key); {
	case slices.Equal(got, []uint64{old.Seq}):
	case slices.Equal(got, []uint64{old.Seq, old.Seq + 1}), slices.Equal(got, []uint64{old.Seq + 1}):
		head = after(old)
	default:
		t.Fatalf("%s: left %v, with %d before", what, got, old.Seq)
	}
	if head != old {
		if err := token.DestroyLedgerRecords(t.Context(), []hsm.LedgerRecord{old}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	objects, err := token.Ledger(t.Context())
	objects = slices.DeleteFunc(objects, func(o hsm.LedgerObject) bool { return o.Record.Key != old.Key })
	if err != nil || len(objects) != 1 || !bytes.Equal(objects[0].Value, head.Encode()) {
		t.Fatalf("%s: settled on %+v, %v", what, objects, err)
	}
	return head
}

func TestLedgerKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	killLedger(t, softHSMTarget(t, hsm.Ed25519))
}

// A token that answers with an error is as good as one that is killed, and named.
func TestLedgerFaults(t *testing.T) {
	t.Parallel()
	plain := softHSMTarget(t, hsm.Ed25519)
	token := plain.open(t)
	key := hsmtest.Generate(t, token, "ledger", plain.kind)
	old := aRecord(1, 1)
	create(t, token, old)
	token.Close()
	for process, call := range map[int]string{1: "C_CreateObject", 2: "C_DestroyObject"} {
		for _, when := range []string{"before", "after"} {
			for _, ckr := range slices.Sorted(maps.Keys(answers)) {
				report(t, "played.pairs", call+" "+ckr)
				g, _ := plain.faultyProcess(t, process, call+" 1 "+when+" "+ckr)
				wantFault(t, g.tryProtocol(t.Context(), old, after(old)), call, ckr, "officer-1")
				old = plain.settle(t, key, old, when+" "+call+" "+ckr)
			}
		}
	}
}
