package plan

import (
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestLedgers(t *testing.T) {
	records := map[string]*workspace.KeyRecord{"a": {Token: &workspace.TokenRecord{Ledger: true}}, "b": {Token: &workspace.TokenRecord{}}, "imported": {}}
	steps := []Step{
		{Do: Generate, Key: "new"}, {Do: Review, Role: "root"}, {Do: Sign, Key: "a"}, {Do: Sign, Key: "b"}, {Do: Sign, Key: "a"},
		{Do: Sign, Key: "new"}, {Do: Sign, Key: "imported"}, {Do: Destroy, Key: "b"},
	}
	got := ledgersOf(steps, func(key string) *workspace.KeyRecord { return records[key] })
	want := []string{
		"tokens remember what is signed by a",
		"tokens remember nothing of what is signed by b: the transcripts of this workspace alone count",
	}
	if got := got.Text(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Ledgers{}).Text(); got != nil {
		t.Errorf("of no key: got %q", got)
	}
}
