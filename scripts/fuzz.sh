#!/usr/bin/env bash
# fuzz.sh: every fuzz target of the project, FUZZTIME each (make fuzz).
#
# Usage: FUZZTIME=10m JOBS=2 scripts/fuzz.sh
#
# Prints a line for each target: how many inputs it tried, and PASS or what
# failed. A failing input lies in the package's testdata/fuzz afterwards: commit
# it with the repair. JOBS targets run at once, each with one worker.
set -eu
cd "$(dirname "$0")/.."
KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM FUZZTIME=${FUZZTIME:-10m}
FUZZLOGS=$(mktemp -d)
export FUZZLOGS

fuzz() {
	folder=$1 target=$2 log=$FUZZLOGS/$2
	verdict=PASS
	(cd "$folder" && GOMAXPROCS=1 go test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -parallel 1 .) >"$log" 2>&1 || verdict="FAIL, see $log"
	tried=$(grep -o 'execs: [0-9]*' "$log" | tail -n 1)
	echo "$folder $target: ${tried:-execs: 0}, $FUZZTIME: $verdict"
	[ "$verdict" = PASS ]
}
export -f fuzz

grep -rn --include='*_test.go' '^func Fuzz' . | sed -E 's|^\./(.*)/[^/]*:[0-9]+:func (Fuzz[A-Za-z0-9]*).*|\1 \2|' |
	xargs -P "${JOBS:-$(nproc)}" -L 1 bash -c 'fuzz "$0" "$1"'
