// Package frontdoor is the page at the front door of a published repository: what it
// serves, until when, who signed it, and how to find out oneself.
package frontdoor
