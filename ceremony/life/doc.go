// Package life holds no code, only tests: repositories live random lives. Trust is
// edited, keys are lost and stolen, tokens fail in the middle of a ceremony, time
// passes, clocks are wrong, and somebody copies last month's disk back. After each
// event, whatever happened, nothing was signed that no plan asked for, no key signed
// one version twice, and every vehicle fares as the plan said.
package life
