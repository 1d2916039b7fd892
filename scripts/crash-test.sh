#!/bin/sh
# Kills the ceremonies of every situation at each of their events and runs them again:
# ceremony/crash says how. `crash-test.sh 'renewal|lost token'` tries some of them.
set -eu
cd "$(dirname "$0")/.."
KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Where there is a file system in memory, nobody waits for a disk.
if [ -w /dev/shm ]; then
	TMPDIR=$(mktemp -d -p /dev/shm)
	export TMPDIR
	trap 'rm -rf "$work" "$TMPDIR"' EXIT
fi
go test -c -ldflags='-s -w' -o "$work/crash.test" ./ceremony/crash
cd ceremony/crash
if ! KEYRITE_CRASH=all "$work/crash.test" -test.v -test.timeout 3h -test.run "TestCrash/situations/${1:-.}" >"$work/log" 2>&1; then
	grep -v '^=== ' "$work/log" >&2
	echo "crash-test: not all held" >&2
	exit 1
fi
grep -- '--- PASS: TestCrash/situations/' "$work/log" | sed 's/^ *--- PASS: //'
echo "crash-test: $(grep -o '[0-9]* situations, [0-9]* kill points' "$work/log"): every one came to the same end"
