// Package people is who is in the room: the parts of a ceremony, who takes them,
// and when they come and go.
package people
