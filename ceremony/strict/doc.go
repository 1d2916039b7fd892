// Package strict reads YAML and JSON that a person and the program read alike, with the
// line of every field, and writes them in one spelling.
package strict
