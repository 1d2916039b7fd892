package runbook

import (
	"strings"
	"testing"
)

func TestState(t *testing.T) {
	type act = func(*state) error
	unpack := func(token string) act { return func(s *state) error { return s.unpack(token) } }
	insert := func(token string) act { return func(s *state) error { return s.insert(token) } }
	remove := func(token string) act { return func(s *state) error { return s.remove(token) } }
	pack := func(token string) act { return func(s *state) error { return s.pack(token) } }
	closed := func(s *state) error { return s.closed() }
	for _, test := range []struct {
		what string
		acts []act
		want string // in the error of the last act
	}{
		{"good", []act{unpack("a"), unpack("b"), insert("a"), remove("a"), insert("b"), remove("b"), pack("b"), pack("a"), closed}, ""},
		{"unpacked twice", []act{unpack("a"), unpack("a")}, "unpacked twice"},
		{"used in its bag", []act{insert("a")}, "before its bag is open"},
		{"used after it was sealed in", []act{unpack("a"), pack("a"), insert("a")}, "before its bag is open"},
		{"two at once", []act{unpack("a"), unpack("b"), insert("a"), insert("b")}, "while a still is"},
		{"removed, not inserted", []act{unpack("a"), remove("a")}, "not inserted"},
		{"sealed in while inserted", []act{unpack("a"), insert("a"), pack("a")}, "not on the table"},
		{"left on the table", []act{unpack("a"), unpack("b"), pack("a"), closed}, "[b]"},
		{"left in the reader", []act{unpack("a"), insert("a"), closed}, "[a]"},
	} {
		s := newState()
		for i, act := range test.acts {
			err := act(s)
			last := i == len(test.acts)-1
			switch {
			case err != nil && (!last || test.want == ""):
				t.Errorf("%s: act %d: %v", test.what, i, err)
			case last && test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%s: got %v, want %s", test.what, err, test.want)
			}
		}
	}
}

func TestInitials(t *testing.T) {
	p := &parts{short: map[string]string{}}
	for _, test := range []struct{ name, want string }{
		{"crypto officer 1", "CO1"}, {"crypto officer 12", "CO12"}, {"release team", "RT"}, {"root tester", "RT2"},
		{"a", "A"}, {"Adam Dee Miller", "ADM2"}, {"--", "C"}, {"Élan 鍵", "É鍵"},
	} {
		p.add(test.name)
		p.add(test.name)
		if got := p.short[test.name]; got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	if len(p.names) != 8 {
		t.Errorf("got %v", p.names)
	}
}
