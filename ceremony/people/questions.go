package people

import "fmt"

// SeatQuestion asks who takes a part; a name that is known need not be typed.
func SeatQuestion(part, known string) string {
	if known == "" {
		return "Name of " + part + ": "
	}
	return fmt.Sprintf("%s is %s: Enter, or another name: ", part, known)
}

// BagQuestion asks for a token and the number of its bag.
const BagQuestion = "bag > "
