package disk

import "testing"

// TestHolds wants every byte, no more and no less.
func TestHolds(t *testing.T) {
	folder, _ := testFolder(t)
	mustCreate(t, folder, "a/file", "content")
	if err := folder.Holds("a/file", []byte("content")); err != nil {
		t.Error(err)
	}
	for _, other := range []string{"", "conten", "content\n", "Content"} {
		if err := folder.Holds("a/file", []byte(other)); err == nil || err.Error() != "a/file: it does not read back as it was written" {
			t.Errorf("%q: %v", other, err)
		}
	}
	if folder.Holds("a/none", nil) == nil || folder.Holds("a", nil) == nil {
		t.Error("what is no file holds nothing")
	}
}
