#!/usr/bin/env bash
# release-twice.sh: two people in two folders make the same release, and one of them
# signs it.
#
# Usage: scripts/release-twice.sh (make release-twice)
#
# Clones this commit into two folders of different depth, makes a release in each, and
# compares every byte. The first is signed by keyrite's own key, on a throwaway SoftHSM
# token; then what users do is done: keyrite.tar is verified from its first root, and a
# bent copy refused.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GOCACHE=$(go env GOCACHE) # it stays where it is
export GOCACHE
. scripts/unattended.sh

# release DIR: what make release does there.
release() {
	git clone -q --no-hardlinks . "$work/$1"
	(cd "$work/$1" && umask 0"$((RANDOM % 2 ? 27 : 22))" && scripts/release.sh dist >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
}

go build -o "$work/keyrite" ./cmd/keyrite
unattended "$work/keyrite" "$work/keys"
fleet=$work/keys/fleet
KEYRITE_RELEASE=$fleet release one
release another/and/deeper
diff -r --exclude keyrite.tar "$work/one/dist" "$work/another/and/deeper/dist"
cat "$work/one/dist/SHA256SUMS"
echo "the same bytes, twice"

signed=$work/one/dist/keyrite.tar
"$work/keyrite" verify "$signed" --trusted-root "$fleet/image/metadata/1.root.json" >"$work/log" || { cat "$work/log" >&2; exit 1; }
"$work/keyrite" unbundle "$signed" "$work/taken" >/dev/null
for file in "$work/one/dist"/*; do
	name=${file##*/}
	[ "$name" = keyrite.tar ] || cmp "$file" "$(find "$work/taken/targets" -name "*$name" | head -n 1)"
done
(cd "$work/one/dist" && sha256sum --quiet -c SHA256SUMS)
sed 's/linux-amd64/linux-amd65/' "$signed" >"$work/bent.tar"
if "$work/keyrite" verify "$work/bent.tar" --trusted-root "$fleet/image/metadata/1.root.json" >/dev/null 2>&1; then
	echo "a bent copy verifies" >&2
	exit 1
fi
echo "signed by keyrite's own key, and verified: $(sed -n 's/^images on disk.*: //p' "$work/log") files"
