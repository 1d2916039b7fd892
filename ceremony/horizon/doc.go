// Package horizon says what falls due when, and who must come with which tokens by then.
package horizon
