package roles

import "bytes"

// CheckSuccession compares the file of a role with the one that was published
// before, nil where there was none: its version never goes down, and one
// version is one file. Vehicles that hold a delegated file ask for no other of
// its version, and a static store writes each name once.
func CheckSuccession(before, now *File) error {
	if before == nil {
		return nil
	}
	got, published := HeadOf(now.Body).Version, HeadOf(before.Body).Version
	switch {
	case got < published:
		return refused(now.Name, "signed.version", Rollback, "got %d, want at least %d, which is published", got, published)
	case got > published || bytes.Equal(now.Published(), before.Published()):
		return nil
	case bytes.Equal(now.Signed, before.Signed):
		return refused(now.Name, "", "", "version %d is published with other signatures or spelling; want that file, or version %d", got, published+1)
	}
	return refused(now.Name, "signed.version", "", "version %d is published with other content; want version %d", got, published+1)
}
