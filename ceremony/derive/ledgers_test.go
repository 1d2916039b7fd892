package derive

import (
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestLedgers(t *testing.T) {
	records := map[string]*workspace.KeyRecord{"a": {Token: &workspace.TokenRecord{Ledger: true}}, "b": {Token: &workspace.TokenRecord{}}, "imported": {}}
	steps := []plan.Step{
		{Do: plan.Generate, Key: "new"}, {Do: plan.Review, Role: "root"}, {Do: plan.Sign, Key: "a"}, {Do: plan.Sign, Key: "b"}, {Do: plan.Sign, Key: "a"},
		{Do: plan.Sign, Key: "new"}, {Do: plan.Sign, Key: "imported"}, {Do: plan.Destroy, Key: "b"},
	}
	got := ledgersOf(steps, func(key string) *workspace.KeyRecord { return records[key] })
	want := []string{
		"tokens remember what is signed by a",
		"tokens remember nothing of what is signed by b: the transcripts of this workspace alone count",
	}
	if got := got.Text(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (plan.Ledgers{}).Text(); got != nil {
		t.Errorf("of no key: got %q", got)
	}
}
