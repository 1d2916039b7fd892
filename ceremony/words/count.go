package words

import "fmt"

// Count is a number of things: 1 image, 2 images.
func Count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
