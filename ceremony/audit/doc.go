// Package audit looks and changes nothing: verify, diff, policy check, status.
package audit
