package roles

import "fmt"

// CheckImage compares an image's content with what a targets role lists: the
// length in bytes and every known digest (Uptane Standard 2.1.0 §5.4.3.4). Which
// image it is, the caller says.
func CheckImage(image *Image, content Hashes, length int64) error {
	if length != image.Length {
		return fmt.Errorf("it has %d bytes, want %d", length, image.Length)
	}
	return image.Hashes.Match(content)
}
