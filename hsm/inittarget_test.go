package hsm

import (
	"errors"
	"testing"
)

// TestInitTarget chooses the one token that may be erased, and never one with keys
// whose serial was not given.
func TestInitTarget(t *testing.T) {
	a := TokenInfo{Slot: 1, Serial: "a", Label: "officer-1", Initialized: true}
	b := TokenInfo{Slot: 2, Serial: "b", Label: "officer-2", Initialized: true}
	empty, empty2 := TokenInfo{Slot: 3, Serial: "c"}, TokenInfo{Slot: 4, Serial: "d"}
	slot := func(n uint) *uint { return &n }
	for name, tt := range map[string]struct {
		tokens []TokenInfo
		target InitTarget
		label  string
		want   string // serial
		err    error
	}{
		"the empty one":            {[]TokenInfo{a, empty}, InitTarget{}, "new", "c", nil},
		"two are empty":            {[]TokenInfo{empty, empty2}, InitTarget{}, "new", "", ErrAmbiguous},
		"none is empty":            {[]TokenInfo{a, b}, InitTarget{}, "new", "", ErrTokenNotFound},
		"one of two by its slot":   {[]TokenInfo{empty, empty2}, InitTarget{Slot: slot(4)}, "new", "d", nil},
		"with keys, by its slot":   {[]TokenInfo{a, empty}, InitTarget{Slot: slot(1)}, "new", "", ErrExists},
		"with another's serial":    {[]TokenInfo{a, b}, InitTarget{Slot: slot(1), EraseSerial: "b"}, "new", "", ErrExists},
		"with keys, by both":       {[]TokenInfo{a, b}, InitTarget{Slot: slot(1), EraseSerial: "a"}, "new", "a", nil},
		"with keys, by its serial": {[]TokenInfo{a, b, empty}, InitTarget{EraseSerial: "a"}, "new", "a", nil},
		"a serial that two have":   {[]TokenInfo{a, {Slot: 5, Serial: "a", Initialized: true}}, InitTarget{EraseSerial: "a"}, "new", "", ErrAmbiguous},
		"a label that another has": {[]TokenInfo{a, empty}, InitTarget{}, "officer-1", "", ErrExists},
		"the label that it has":    {[]TokenInfo{a, b}, InitTarget{EraseSerial: "a"}, "officer-1", "a", nil},
		"a serial that nobody has": {[]TokenInfo{a, b}, InitTarget{EraseSerial: "x"}, "new", "", ErrTokenNotFound},
	} {
		got, err := wireListing{Tokens: tt.tokens}.initTarget(initArgs{Target: tt.target, Label: tt.label})
		if tt.err == nil && (err != nil || got.Serial != tt.want) {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
		if tt.err != nil && (err == nil || !errors.Is(newWireFault(err).error("m", ""), tt.err)) {
			t.Errorf("%s: got %s, %v, want %v", name, got, err, tt.err)
		}
	}
}
