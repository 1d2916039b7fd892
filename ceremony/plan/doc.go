// Package plan derives a ceremony from what is declared and what is signed.
package plan
