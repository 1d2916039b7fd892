// Package digest is the one type for a SHA-256: bytes to compare, hexadecimal digits to
// write down, words to say aloud.
package digest
