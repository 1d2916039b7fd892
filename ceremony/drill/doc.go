// Package drill restores a backup for trial, and rotates a key of each root with fake
// keys on throwaway tokens.
package drill
