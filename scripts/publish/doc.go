// Package publish holds the scripts that carry bundles onto online repositories, and the
// tests that run them against servers.
package publish
