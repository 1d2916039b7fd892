#!/usr/bin/env bash
# release-twice.sh: two people in two folders make the same release.
#
# Usage: scripts/release-twice.sh (make release-twice)
#
# Clones this commit into two folders of different depth, makes a release in each, and
# compares every byte.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for dir in one another/and/deeper; do
	git clone -q --no-hardlinks . "$work/$dir"
	(cd "$work/$dir" && umask 0"$((RANDOM % 2 ? 27 : 22))" && scripts/release.sh dist >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
done
diff -r "$work/one/dist" "$work/another/and/deeper/dist"
cat "$work/one/dist/SHA256SUMS"
echo "the same bytes, twice"
