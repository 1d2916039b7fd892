// Package fault is errors for people: what is wrong, the exit code that it means, and
// what to do about it.
package fault
