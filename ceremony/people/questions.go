package people

import "fmt"

// SeatQuestion asks who takes a part; a name that is known need not be typed.
func SeatQuestion(part, known string) string {
	if known == "" {
		return "Name of " + part + ": "
	}
	return fmt.Sprintf("%s is %s: Enter, or another name: ", part, known)
}

// ClockQuestion asks who compared the clock with a watch of their own.
func ClockQuestion(now string) string {
	return "The clock says " + now + ". Two people who compared it with their own watches, with a comma between the names: "
}

// BagQuestion asks for a token and the number of its bag.
const BagQuestion = "bag > "
