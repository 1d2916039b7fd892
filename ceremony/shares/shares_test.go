package shares

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/big"
	"os/exec"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/hsm"
)

// order is that of P-256 (NIST SP 800-186 §3.2.1.3).
var order, _ = new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)

// lagrange is an independent judge: the value at 0 of the polynomial through the
// points, with integers alone.
func lagrange(list []Share) []byte {
	sum := new(big.Int)
	for i, s := range list {
		term := new(big.Int).SetBytes(s.value[:])
		for j, other := range list {
			if i == j {
				continue
			}
			x, y := big.NewInt(int64(other.Number)), big.NewInt(int64(other.Number-s.Number))
			term.Mul(term, x).Mul(term, y.ModInverse(y.Mod(y, order), order)).Mod(term, order)
		}
		sum.Add(sum, term).Mod(sum, order)
	}
	return sum.FillBytes(make([]byte, Bytes))
}

func TestAnyThatAreEnough(t *testing.T) {
	for _, size := range [][2]int{{2, 2}, {2, 3}, {3, 5}, {5, 5}, {2, Most}} {
		secret, list, err := Split(size[0], size[1])
		if err != nil || len(list) != size[1] || len(secret) != Bytes {
			t.Fatalf("%v: %v", size, err)
		}
		for first := range list[:size[1]-size[0]+1] {
			some := list[first : first+size[0]]
			got, err := Join(some)
			if err != nil || !bytes.Equal(got, secret) || !bytes.Equal(lagrange(some), secret) {
				t.Errorf("%v from %d: got %x, %x, %v, want %x", size, first, got, lagrange(some), err, secret)
			}
		}
		if got, err := Join(list); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%v: all of them: %v", size, err)
		}
		// One less than needed fits every secret: a point more decides.
		if got := lagrange(list[:size[0]-1]); bytes.Equal(got, secret) {
			t.Errorf("%v: too few make the secret", size)
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	_, list, err := Split(3, 4)
	if err != nil {
		t.Fatal(err)
	}
	_, others, err := Split(3, 4)
	if err != nil {
		t.Fatal(err)
	}
	bent := list[1]
	bent.value[7] ^= 1
	more := list[1]
	more.Needed = 2
	for name, tt := range map[string]struct {
		list []Share
		want string
	}{
		"none":           {nil, "got 0 shares"},
		"too few":        {list[:2], "got 2 shares"},
		"twice the same": {[]Share{list[0], list[1], list[0]}, "share 1 is there twice"},
		"of another":     {[]Share{list[0], others[1], list[2]}, "share 2 is of another secret"},
		"fewer needed":   {[]Share{list[0], more, list[2]}, "share 2 is of another secret"},
		"bent":           {[]Share{list[0], bent, list[2]}, "one of them is not what was made"},
	} {
		if _, err := Join(tt.list); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
	for _, size := range [][2]int{{1, 2}, {0, 0}, {3, 2}, {2, Most + 1}, {-1, 3}} {
		if _, _, err := Split(size[0], size[1]); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%v: got %v", size, err)
		}
	}
}

func TestOnPaper(t *testing.T) {
	_, list, err := Split(2, 3)
	if err != nil {
		t.Fatal(err)
	}
	text := list[1].Words(80)
	if got := strings.Count(text, "\n"); got != 10 {
		t.Errorf("%d lines:\n%s", got, text)
	}
	for line := range strings.Lines(text) {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	for line := range strings.Lines(list[1].Words(40)) {
		if len(line) > 40 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	got, err := Parse([]byte(strings.ToUpper(text)))
	if err != nil || got != list[1] {
		t.Errorf("got %+v, %v", got, err)
	}
	plain := strings.Fields(text)
	for name, bend := range map[string]func([]string) []string{
		"a word less":         func(w []string) []string { return w[2:] },
		"nothing":             func([]string) []string { return nil },
		"two words swapped":   func(w []string) []string { w[21], w[25] = w[25], w[21]; return w },
		"neighbours swapped":  func(w []string) []string { w[21], w[23] = w[23], w[21]; return w },
		"a word of no list":   func(w []string) []string { w[21] = "secretword"; return w },
		"another check value": func(w []string) []string { w[5] = other(w[5], w[9], w[13]); return w },
	} {
		typed := strings.Join(bend(append([]string{}, plain...)), " ")
		if strings.Join(plain, " ") == typed {
			continue // the two words are the same
		}
		_, err := Parse([]byte(typed))
		if err == nil || fault.CodeOf(err) != fault.Usage || strings.Contains(err.Error(), "secretword") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	list[1].Wipe()
	if list[1].value != ([Bytes]byte{}) {
		t.Error("not wiped")
	}
}

// other is one of the words that is not the first.
func other(not string, words ...string) string {
	for _, w := range words {
		if w != not {
			return w
		}
	}
	return "none"
}

func FuzzParse(f *testing.F) {
	_, list, err := Split(2, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(list[0].Words(80)))
	f.Fuzz(func(t *testing.T, typed []byte) {
		s, err := Parse(typed)
		if err != nil {
			return
		}
		if again, err := Parse([]byte(s.Words(80))); err != nil || again != s {
			t.Errorf("%q: %v", typed, err)
		}
	})
}

// TestPython has another language join shares, from what stands on paper. It needs
// python3, which make test has.
func TestPython(t *testing.T) {
	secret, list, err := Split(3, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer hsm.Wipe(secret)
	points := ""
	for _, s := range []Share{list[4], list[0], list[2]} {
		points += fmt.Sprintf("(%d, 0x%x), ", s.Number, s.value)
	}
	program := `n = 0x` + order.Text(16) + `
points = [` + points + `]
total = 0
for x, y in points:
    for other, _ in points:
        if other != x:
            y = y * other * pow(other - x, -1, n) % n
    total = (total + y) % n
print('%064x' % total)
`
	out, err := exec.Command("python3", "-c", program).Output()
	if err != nil || strings.TrimSpace(string(out)) != hex.EncodeToString(secret) {
		t.Errorf("got %s, %v, want %x", out, err, secret)
	}
}
