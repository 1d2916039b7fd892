// Package ci holds templates for release signing and for judging proposed changes in CI,
// and the test that runs their shell steps as they stand.
package ci
