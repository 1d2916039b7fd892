#!/bin/sh
# interop.sh: real TUF and Uptane clients judge what keyrite makes.
#
# Usage: scripts/interop.sh (make interop)
#
# Builds the clients that the machine has toolchains for (Go, Python, Node,
# Rust, Maven) from the package registries, under interop/work, and writes the
# verdicts to interop/README.md. Fails when keyrite errs, or a client errs
# otherwise than interop/exceptions.txt says.
set -eu
cd "$(dirname "$0")/.."

# The test of the demo wants the tuf format, which `make demo FORMAT=ota-ce` is not.
grep -qs "\"_type\":\"root\"" demo/trusted/image-root.json || make demo

# Repositories that were taken over from other tools: the test scripts make them.
KEYRITE_TAKEN="$PWD/interop/work/taken" go test -count=1 -run TestScripts/takeover ./cmd/keyrite

# Vehicles that visit repositories of random lives, and what keyrite said of each visit.
rm -rf interop/work/walks
KEYRITE_LIFE_WALKS="$PWD/interop/work/walks" go test -count=1 -run 'TestLife$' ./ceremony/life -rapid.checks=60

# What every runbook publishes, for a fleet that walks from root 1.
rm -rf interop/work/situations
KEYRITE_SITUATIONS="$PWD/interop/work/situations" go test -count=1 -timeout 20m -run 'TestRunbooks' ./cmd/keyrite

cd interop
go run ./judge .
go test ./...
