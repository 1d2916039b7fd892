// Package rehearse has people hold a ceremony before they hold it: the same steps,
// done by the same code, in a world of its own on throwaway tokens.
package rehearse
