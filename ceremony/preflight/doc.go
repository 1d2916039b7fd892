// Package preflight tells whether this machine is fit for a ceremony.
package preflight
