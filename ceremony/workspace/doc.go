// Package workspace is the files in which people declare what they want: trust.yaml,
// site.yaml, the public records of keys, policies.
package workspace
