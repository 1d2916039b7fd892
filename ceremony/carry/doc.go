// Package carry is what leaves the room: a repository, verified and packed.
package carry
