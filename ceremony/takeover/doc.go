// Package takeover takes in metadata that others signed: a running repository
// becomes a workspace, and what its online side signs later comes into that.
package takeover
