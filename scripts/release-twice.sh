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
fleet=$work/keys
export XDG_CACHE_HOME=$work/cache # of keyrite: the build cache stays where it is
GOCACHE=$(go env GOCACHE)
export GOCACHE

# signer makes the workspace of keyrite's own key, with the keyrite of this commit.
signer() {
	local module shown hashes
	module=$(scripts/hsm-softhsm.sh)
	go build -o "$work/keyrite" ./cmd/keyrite
	mkdir -p "$fleet/hsm/tokens" "$fleet/keys" "$work/cache"
	(umask 077 && head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/pin")
	cat >"$fleet/hsm/softhsm2.conf" <<-CONF
		directories.tokendir = $fleet/hsm/tokens
		objectstore.backend = file
		log.level = ERROR
		slots.removable = false
		library.reset_on_fork = false
	CONF
	cat >"$fleet/trust.yaml" <<-TRUST
		version: 1
		fleet: keyrite
		repositories:
		  image:
		    format: tuf
		    policy: tuf
		    keys:
		      root-a: {type: ed25519, custodian: maintainer}
		      release-a: {type: ed25519, custodian: release}
		      snapshot-a: {type: ed25519, custodian: release}
		      timestamp-a: {type: ed25519, custodian: release}
		    roles:
		      root: {keys: [root-a], threshold: 1, expires: 365d}
		      targets: {keys: [release-a], threshold: 1, expires: 365d, images: images.yaml}
		      snapshot: {keys: [snapshot-a], threshold: 1, expires: 365d}
		      timestamp: {keys: [timestamp-a], threshold: 1, expires: 365d}
		    waivers:
		      - {check: ROOT-UNATTENDED, reason: throwaway tokens of a test, person: test}
	TRUST
	cat >"$fleet/site.yaml" <<-SITE
		version: 1
		site: release
		modules:
		  softhsm: {path: $module, sha256: $(sha256sum "$module" | cut -d' ' -f1), env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
		tokens:
		  maintainer: {module: softhsm, uri: "pkcs11:token=maintainer", pin: "file:$work/pin", unattended: [root]}
		  release: {module: softhsm, uri: "pkcs11:token=release", pin: "file:$work/pin", unattended: [targets, snapshot, timestamp]}
		keys: {root-a: maintainer, release-a: release, snapshot-a: release, timestamp-a: release}
		waivers:
		$(for check in ADVISORY CORE-DUMPS HELPER MEMORY MEMORY-LOCK NETWORK ROUTE SWAP; do
			echo "  - {check: $check, reason: throwaway tokens of a test, person: test}"
		done)
	SITE
	printf 'version: 1\nimages: []\n' >"$fleet/images.yaml"
	for token in maintainer release; do "$work/keyrite" -C "$fleet" token init "$token" --pin "file:$work/pin" --so-pin "file:$work/pin" >/dev/null; done
	shown=$("$work/keyrite" -C "$fleet" plan image --reason "first root")
	mapfile -t hashes < <(sed -n 's/^sha-256  *//p' <<<"$shown")
	"$work/keyrite" -C "$fleet" run --yes "$(sed -n 's/^ceremony \([^: ]*\).*/\1/p' <<<"$shown")" \
		--plan-sha256 "${hashes[0]}" --room-sha256 "${hashes[1]}" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

# release DIR: what make release does there.
release() {
	git clone -q --no-hardlinks . "$work/$1"
	(cd "$work/$1" && umask 0"$((RANDOM % 2 ? 27 : 22))" && scripts/release.sh dist >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
}

signer
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
