// Package release is the whole way of one release without people: hash, plan, run and
// bundle in one process, for what site.yaml and the policy let a token sign.
package release
