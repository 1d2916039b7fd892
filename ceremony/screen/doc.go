// Package screen is what people see, as values: facts in, lines out. It knows no
// terminal; whoever has one renders the lines for its width and colours.
package screen
