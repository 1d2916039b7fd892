// Package signed is what is signed now, as it lies in the workspace: read, and held
// against every threshold that it must meet.
package signed
