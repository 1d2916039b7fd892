// Package onlineedit takes in what an online server asks to have signed: its targets after an
// edit of the images, whose key it does not have.
package onlineedit
