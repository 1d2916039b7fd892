#!/usr/bin/env bash
# bench-releases.sh: consecutive unattended releases on a throwaway SoftHSM token, and
# whether they grow: seconds of CPU, and descriptors, of the first and of the last.
#
# Usage: scripts/bench-releases.sh [COUNT] (make bench-releases COUNT=1000)
#
# Each release is a process of its own, of one new image in the place of the one before, so
# that what is signed keeps its size and only the past grows.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GOCACHE=$(go env GOCACHE)
export GOCACHE
. scripts/unattended.sh
go build -o "$work/keyrite" ./cmd/keyrite
unattended "$work/keyrite" "$work"

# release N: prints the seconds of CPU that it took, its helpers among them.
release() {
	printf 'image %s' "$1" >"$work/image-$1.bin"
	TIMEFORMAT='%U %S'
	{ time "$work/keyrite" -C "$work/fleet" release "$work/image-$1.bin" --role targets --only --hardware-id ecu --release-counter "$1" \
		-o "$work/out.tar" >"$work/log" 2>&1; } 2>"$work/time" || { cat "$work/log" >&2; return 1; }
	rm -f "$work/image-$1.bin" "$work/out.tar"
	awk '{ print $1 + $2 }' "$work/time"
}

# descriptors N: the most that release N had open, as far as looking at it often sees.
descriptors() {
	local pid most=0 now
	release "$1" >"$work/cpu" &
	while kill -0 $! 2>/dev/null; do
		pid=$(pgrep -f -n "^$work/keyrite -C .* release" || true)
		now=$(ls "/proc/${pid:-none}/fd" 2>/dev/null | wc -l)
		[ "$now" -le "$most" ] || most=$now
	done
	wait $! && echo "$most"
}

# least N COUNT: the least CPU of some releases from N on: the others were disturbed.
least() {
	local n
	for ((n = $1; n < $1 + $2; n++)); do release "$n"; done | sort -n | head -n 1
}

open=$(descriptors 1)
first=$(least 2 9)
for ((n = 11; n <= count - 11; n++)); do
	took=$(release "$n")
	[ $((n % 100)) != 0 ] || echo "release $n: $took s of CPU"
done
last=$(least $((count - 10)) 9)
echo "CPU of a release: $first s with 10 before it, $last s with $((count - 10)) before it (least of 9)"
echo "descriptors: $open in the first, $(descriptors "$count") in the last"
