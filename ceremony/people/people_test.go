package people

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
)

var at = time.Date(2026, 11, 26, 13, 52, 0, 0, time.UTC)

// newRoll is a ceremony of two officers, who both sign root, and two witnesses.
func newRoll() *Roll {
	return &Roll{
		Parts: Parts(workspace.People{Administrator: 1, Witnesses: 1, ExternalWitnesses: 1}, []string{"officer 1", "officer 2", "release", "officer 1"}),
		Shared: func(a, b string) string {
			if strings.HasPrefix(a, "officer") && strings.HasPrefix(b, "officer") {
				return "root"
			}
			return ""
		},
	}
}

func anybody(Part) bool { return true }

func partNames(parts []Part) (list []string) {
	for _, p := range parts {
		list = append(list, p.Name)
	}
	return list
}

func TestParts(t *testing.T) {
	want := []string{"administrator", "officer 1", "officer 2", "release", "internal witness", "external witness"}
	if got := partNames(newRoll().Parts); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := partNames(Parts(workspace.People{Witnesses: 2}, nil)); !slices.Equal(got, []string{"internal witness", "internal witness"}) {
		t.Errorf("got %q", got)
	}
}

// TestArrive refuses a person who would watch themselves, or sign twice what wants
// two people.
func TestArrive(t *testing.T) {
	roll := newRoll()
	for _, tt := range []struct {
		name, part string
		code       fault.Code
		want       string
	}{
		{"Ada Lovelace", "administrator", 0, ""},
		{"ada  LOVELACE", "internal witness", fault.Refused, "is here as administrator and cannot be internal witness too: they watch each other"},
		{"Ada Lovelace", "Administrator", fault.Usage, "is here as administrator already"},
		{"  Ben   Bit ", "officer 1", 0, ""},
		{"BEN BIT", "officer 2", fault.Refused, "both sign root, which wants several people"},
		{"Ben Bit", "release", 0, ""},
		{"Cleo", "nobody", fault.Usage, `there is no part "nobody", want one of: administrator, officer 1, officer 2, release, internal witness, external witness`},
		{"", "officer 2", fault.Usage, "is not a name"},
		{"Stop", "officer 2", fault.Usage, "is not taken for a name\nhint: an empty line leaves the part open, and Ctrl-C stops"},
		{"123456", "officer 2", fault.Usage, "is not a name"},
		{"keyrite", "officer 2", fault.Usage, "is not a name"},
		{"Operator", "officer 2", fault.Usage, "is not a name"},
		{"a\x1b[2J", "officer 2", fault.Usage, "is not a name"},
		{"a\u202eb", "officer 2", fault.Usage, "is not a name"},
		{strings.Repeat("x", 101), "officer 2", fault.Usage, "is not a name"},
		{"René", "external witness", 0, ""},
		{"Rene\u0301", "internal witness", fault.Refused, "they watch each other"},
	} {
		r := roll
		got, err := r.Arrive(tt.name, tt.part, at)
		if tt.want != "" {
			ceremonytest.WantError(t, err, tt.code, tt.want)
		} else if err != nil || got.Name != strings.Join(strings.Fields(tt.name), " ") || got.Part != tt.part {
			t.Errorf("%q as %s: got %+v, %v", tt.name, tt.part, got, err)
		}
	}
	want := []policies.Person{{Name: "Ada Lovelace", Part: policies.Administrator}, {Name: "Ben Bit", Part: policies.Officer, Custodian: "officer 1"},
		{Name: "Ben Bit", Part: policies.Officer, Custodian: "release"}, {Name: "René", Part: policies.ExternalWitness}}
	if got := roll.Present(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := partNames(roll.Missing(anybody)); !slices.Equal(got, []string{"officer 2", "internal witness"}) {
		t.Errorf("missing: %q", got)
	}
	roll.Waived = true
	if _, err := roll.Arrive("Ada Lovelace", "internal witness", at); err != nil {
		t.Errorf("with a waiver: %v", err)
	}
}

// TestLeave frees every part of a person, and lets another take it.
func TestLeave(t *testing.T) {
	r := newRoll()
	for _, p := range [][2]string{{"Ben", "officer 1"}, {"Ben", "release"}, {"Ida", "internal witness"}} {
		if _, err := r.Arrive(p[0], p[1], at); err != nil {
			t.Fatal(err)
		}
	}
	left, err := r.Leave("ben", at.Add(time.Hour))
	if want := []transcript.Left{{Name: "Ben", Part: "officer 1"}, {Name: "Ben", Part: "release"}}; err != nil || !slices.Equal(left, want) {
		t.Errorf("got %+v, %v", left, err)
	}
	if _, err := r.Leave("Ben", at); fault.CodeOf(err) != fault.Usage {
		t.Errorf("twice: %v", err)
	}
	if r.Holder("officer 1") != "" || r.Holder("internal witness") != "Ida" || !r.Left("release").Equal(at.Add(time.Hour)) || !r.Left("internal witness").IsZero() {
		t.Errorf("got %q, %s", r.Holder("officer 1"), r.Left("release"))
	}
	if _, err := r.Arrive("Ida", "officer 1", at); err == nil {
		t.Error("a witness took the part of who left")
	}
	if _, err := r.Arrive("Cleo", "Officer 1", at); err != nil || r.Holder("officer 1") != "Cleo" {
		t.Errorf("got %v", err)
	}
	shown := r.Table().Text(80).String()
	for _, want := range []string{"officer 1         Ben     left 14:52 UTC", "officer 1         Cleo    since 13:52 UTC", "administrator     nobody"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s\nhas no %s", shown, want)
		}
	}
}

func TestSeatQuestion(t *testing.T) {
	for want, known := range map[string]string{"Name of officer 1: ": "", "officer 1 is Ben: Enter, or another name: ": "Ben"} {
		if got := SeatQuestion("officer 1", known); got != want {
			t.Errorf("got %q", got)
		}
	}
}
