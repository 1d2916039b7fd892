package custody

import (
	"os"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}
