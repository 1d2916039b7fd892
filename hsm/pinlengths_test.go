package hsm

import (
	"testing"

	"github.com/miekg/pkcs11"
)

func TestPINLengthsThatCannotBeMeant(t *testing.T) {
	const unknown = pkcs11.CK_UNAVAILABLE_INFORMATION
	for _, test := range []struct{ least, most, wantLeast, wantMost uint }{
		{4, 8, 4, 8}, {0, 0, 0, 0}, {4, 0, 4, 0}, {4, unknown, 4, 0}, {unknown, 8, 0, 8}, {unknown, unknown, 0, 0},
		{8, 4, 0, 0}, {4, 1 << 20, 4, 0}, {1 << 20, 1 << 21, 0, 0},
	} {
		if least, most := pinLengths(test.least, test.most); least != test.wantLeast || most != test.wantMost {
			t.Errorf("%d, %d: got %d, %d, want %d, %d", test.least, test.most, least, most, test.wantLeast, test.wantMost)
		}
	}
}
