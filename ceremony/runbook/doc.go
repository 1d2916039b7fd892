// Package runbook prints the script of a ceremony before it is held: from the
// plan, with the very texts that the screen will show, and boxes for people.
package runbook
