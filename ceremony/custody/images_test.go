package custody

import (
	"fmt"
	"strings"
)

var (
	digest256 = strings.Repeat("ab", 32)
	digest512 = strings.Repeat("cd", 64)
)

// imagesYAML is an images.yaml with those paths.
func imagesYAML(paths ...string) string {
	var b strings.Builder
	b.WriteString("version: 1\nimages:\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "  - path: %q\n    length: 10\n    sha256: %s\n    sha512: %s\n", path, digest256, digest512)
	}
	return b.String()
}
