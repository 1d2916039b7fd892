package policies

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestPrintable holds to the table of package roles.
func TestPrintable(t *testing.T) {
	data, err := os.ReadFile("../roles/testdata/printable.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(data)) {
		var in, want string
		if n, _ := fmt.Sscanf(line, "%q %q", &in, &want); n != 2 {
			continue
		}
		cases++
		if got := printable(in); got != want {
			t.Errorf("got %+q: %s", got, line)
		}
	}
	if cases < 30 {
		t.Errorf("%d cases", cases)
	}
}
