// Package incident finds the runbook and the plan for what has happened.
package incident
