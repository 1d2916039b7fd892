// Package follow shows a ceremony to those who watch, on a screen of their own, from
// its transcript alone: it verifies each line as it comes, and touches nothing.
package follow
