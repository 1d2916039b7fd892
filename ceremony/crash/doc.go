// Package crash holds no code, only tests: ceremonies of every situation are killed at
// every change of the file system and before every call of the token's module, each
// time as a process of its own by SIGKILL, and run again.
package crash
