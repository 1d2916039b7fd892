#!/bin/sh
# Lives random lives of repositories: ceremony/life says how. `life-test.sh 200` lives
# 200 of them on tokens in Go, and a few hundred on SoftHSM where there are thousands.
# LIFE_SUMS=FILE keeps the sums of one call for the next, and the last line is of all of
# them: ten thousand can be lived in pieces.
set -eu
cd "$(dirname "$0")/.."
histories=${1:-10000}
KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -w /dev/shm ]; then # a file system in memory: nobody waits for a disk
	TMPDIR=$(mktemp -d -p /dev/shm)
	export TMPDIR
	trap 'rm -rf "$work" "$TMPDIR"' EXIT
fi
go test -c -ldflags='-s -w' -o "$work/life.test" ./ceremony/life
cores=$(nproc)
each=$(((histories + cores - 1) / cores))
cd ceremony/life
for n in $(seq "$cores"); do
	KEYRITE_LIFE_SOFTHSM=$((each / 30)) "$work/life.test" -test.v -test.timeout 6h -rapid.checks "$each" >"$work/$n.log" 2>&1 || touch "$work/$n.failed" &
done
wait
for n in $(seq "$cores"); do
	[ ! -e "$work/$n.failed" ] || { cat "$work/$n.log" >&2; failed=1; }
done
[ -z "${failed:-}" ] || { echo "life-test: not all held" >&2; exit 1; }
sums=${LIFE_SUMS:-$work/sums}
sed -n 's/.*: \([0-9]* histories, .*\)/\1/p' "$work"/*.log >>"$sums"
awk '{ h += $1; c += $3; t += $5; d += $9; r += $13; s += $16 }
	END { printf "life-test: %d histories: %d ceremonies, %d of several sites, %d with a delegation, %d plans refused, %d signatures seen: all held\n", h, c, t, d, r, s }' "$sums"
