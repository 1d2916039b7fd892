// Package prompt asks the people in the room, on whatever terminal there is.
package prompt
