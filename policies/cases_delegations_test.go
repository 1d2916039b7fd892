package policies

import (
	"testing"

	"github.com/uptane/keyrite/roles"
)

// delegationCases are of delegations and their patterns.
var delegationCases = []wrong{
	{"DELEGATION-DEPTH", Error, "a Director delegates", "uptane-director", func(t *testing.T, f *fixture) {
		f.director()
		f.Next.Targets.Delegations = f.delegate("acme", "acme/*")
		f.waive("DELEGATION-FILE")
	}},
	{"DELEGATION-NAMES", Error, "one name twice", "", func(t *testing.T, f *fixture) {
		inner := f.Next.Delegated["acme"].Delegations
		inner.Roles = append(inner.Roles, roles.DelegatedRole{Role: roles.Role{Name: "Brake", KeyIDs: inner.Roles[0].KeyIDs, Threshold: 1}, Paths: []string{"acme/wheel-*"}})
		f.waive("DELEGATED-KEYS-APART", "DELEGATION-NAME-FORM", "DELEGATION-FILE")
	}},
	{"DELEGATION-NAME-FORM", Error, "out of the folder", "", func(t *testing.T, f *fixture) { f.renameBrake("../brake") }},
	{"DELEGATION-NAME-FORM", Warning, "digits alone", "", func(t *testing.T, f *fixture) { f.renameBrake("20") }},
	{"DELEGATION-TERMINATING", Warning, "terminating", "", func(t *testing.T, f *fixture) { f.acme().Terminating = true }},
	{"DELEGATION-HASHES", Warning, "hash prefixes", "", func(t *testing.T, f *fixture) {
		f.acme().Paths, f.acme().HashPrefixes = nil, []string{""}
	}},
	{"DELEGATION-FILE", Warning, "no file", "", func(t *testing.T, f *fixture) {
		delete(f.Next.Delegated, "brake")
		f.waive("HARDWARE-KEPT")
	}},
	{"PATTERN-FORM", Error, "a question mark", "", func(t *testing.T, f *fixture) { f.addPath("acme/lam?-1.bin") }},
	{"PATTERN-FORM", Warning, "a question mark in what others made", "", func(t *testing.T, f *fixture) {
		f.found()
		f.addPath("acme/lam?-1.bin")
	}},
	{"PATTERN-FORM", Warning, "digits in a supplier's file", "", func(t *testing.T, f *fixture) {
		inner := &f.Next.Delegated["acme"].Delegations.Roles[0]
		inner.Paths = append(inner.Paths, "acme/brake-[0-9].bin")
	}},
	{"PATTERN-FORM", Error, "two stars", "", func(t *testing.T, f *fixture) { f.addPath("acme/**") }},
	{"PATTERN-FORM", Error, "braces in what others made", "", func(t *testing.T, f *fixture) {
		f.found()
		f.addPath("acme/{lamp,horn}.bin")
	}},
	{"PATTERN-FORM", Error, "not ASCII", "", func(t *testing.T, f *fixture) { f.addPath("acme/é") }},
	{"PATTERN-FORM", Warning, "a star inside", "", func(t *testing.T, f *fixture) { f.addPath("acme/*.bin") }},
	{"PATTERN-WIDE", Error, "everything", "", func(t *testing.T, f *fixture) { f.addPath("*") }},
	{"PATTERN-PREFIX", Warning, "another's name", "", func(t *testing.T, f *fixture) { f.addPath("bosch/*") }},
	{"PATTERN-OVERLAP", Warning, "two suppliers, one path", "", func(t *testing.T, f *fixture) { f.rival(false) }},
	{"PATTERN-OVERLAP", Error, "behind a terminating one", "", func(t *testing.T, f *fixture) { f.rival(true) }},
	{"PATTERN-CHAIN", Error, "more than was given", "", func(t *testing.T, f *fixture) {
		inner := &f.Next.Delegated["acme"].Delegations.Roles[0]
		inner.Paths = append(inner.Paths, "bosch/*")
	}},
}
