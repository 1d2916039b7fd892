// Package words is what people read and say aloud: hashes as words, spans of time, lists,
// and text of foreign origin made harmless.
package words
