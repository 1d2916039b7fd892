// Package bundle is the archive that carries a repository out of the room, and nothing
// else: whether its metadata is to be believed, a client says.
package bundle
