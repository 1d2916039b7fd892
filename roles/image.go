package roles

import "fmt"

// CheckImage compares an image's content with what a targets role lists: the
// length in bytes and every known digest (Uptane Standard 2.1.0 §5.4.3.4).
func CheckImage(image *Image, content Hashes, length int64) error {
	if length != image.Length {
		return fmt.Errorf("image %s: it has %d bytes, want %d", image.Path, length, image.Length)
	}
	if err := image.Hashes.Match(content); err != nil {
		return fmt.Errorf("image %s: %w", image.Path, err)
	}
	return nil
}
