// Package run does a plan, step by step, and goes on where another run stopped.
package run
