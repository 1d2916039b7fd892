// Package backup packs a workspace without its secrets into one verified file, and
// restores it.
package backup
