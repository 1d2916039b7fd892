package authority

import "testing"

// TestChip holds that what comes and what goes can be told apart without colour.
func TestChip(t *testing.T) {
	for _, test := range []struct {
		changes, goes bool
		text, fill    string
		dashed        bool
	}{
		{false, false, "root-a", "", false},
		{false, true, "root-a", "", false},
		{true, false, "+ root-a", "dark", false},
		{true, true, "− root-a", "", true},
	} {
		shapes := chip(0, 0, "root-a", "officer 1", test.changes, test.goes)
		if box, text := shapes[0], shapes[1]; box.Fill != test.fill || box.Dashed != test.dashed || text.Text != test.text {
			t.Errorf("%+v: got %+v", test, shapes)
		} else if who := shapes[2]; who.Text != "officer 1" || who.Fill != text.Fill {
			t.Errorf("%+v: got %+v", test, who)
		}
	}
	if got := cut("a-very-long-name-of-a-key", 10); got != "a-very-lo…" {
		t.Errorf("got %s", got)
	}
}
