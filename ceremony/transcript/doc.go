// Package transcript is the record of what happened: append-only lines, each chained to the
// one before by its hash, on disk before anything else goes on.
package transcript
