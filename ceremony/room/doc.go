// Package room is where a ceremony is held: the workspace, the people at the
// terminal and the clock of one process, and consent that leaves a trace.
package room
