// Package shares is a secret on several papers, of which some are enough: what one
// share is, in words, and how the secret comes of them.
package shares
