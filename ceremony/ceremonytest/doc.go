// Package ceremonytest is fixtures for the tests of the house: a workspace whose
// keys are software, one with a SoftHSM token, a person at the prompt, and an
// attacker at the disk.
package ceremonytest
