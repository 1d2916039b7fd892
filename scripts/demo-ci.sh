#!/usr/bin/env bash
# demo-ci.sh: two CI jobs at once release for two suppliers, on throwaway SoftHSM tokens
# under demo-ci/, and publish to one static repository; go-tuf v2 and tuf-js download both.
#
# Usage: scripts/demo-ci.sh (make demo-ci). Running it twice works. tuf-js wants npm.
set -euo pipefail
cd "$(dirname "$0")/.."

demo=$PWD/demo-ci
fleet=$demo/fleet
module=$(scripts/hsm-softhsm.sh)
export KEYRITE=$PWD/bin/keyrite XDG_CACHE_HOME=$demo/cache
keyrite() { "$KEYRITE" -C "$fleet" "$@"; }
title() { printf '\n== %s\n' "$*"; }

rm -rf "$demo"
mkdir -p "$fleet/hsm/tokens" "$fleet/keys" "$demo/cache" "$demo/build"
(umask 077 && head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$demo/pin")
cat >"$fleet/hsm/softhsm2.conf" <<CONF
directories.tokendir = $fleet/hsm/tokens
objectstore.backend = file
log.level = ERROR
slots.removable = false
library.reset_on_fork = false
CONF

title "a fleet with two suppliers; each has a token, and CI has one"
cat >"$fleet/trust.yaml" <<TRUST
version: 1
fleet: roadster
repositories:
  image:
    format: tuf
    policy: tuf
    keys:
      root-a: {type: ed25519, custodian: crypto officer 1}
      targets-a: {type: ed25519, custodian: release officer 1}
      snapshot-a: {type: ed25519, custodian: release team}
      timestamp-a: {type: ed25519, custodian: release team}
      acme-a: {type: ed25519, custodian: acme}
      brakes-a: {type: ed25519, custodian: brakes}
    roles:
      root: {keys: [root-a], threshold: 1, expires: 365d}
      targets: {keys: [targets-a], threshold: 1, expires: 90d}
      snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d}
      timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d}
    delegations:
      - {role: acme, keys: [acme-a], threshold: 1, paths: ["acme/*"], expires: 90d, images: acme.yaml}
      - {role: brakes, keys: [brakes-a], threshold: 1, paths: ["brakes/*"], expires: 90d, images: brakes.yaml}
    waivers:
      - {check: ROOT-UNATTENDED, reason: throwaway tokens of a demo, person: demo}
TRUST
cat >"$fleet/site.yaml" <<SITE
version: 1
site: demo
modules:
  softhsm: {path: $module, sha256: $(sha256sum "$module" | cut -d' ' -f1), env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
tokens:
  officer: {module: softhsm, uri: "pkcs11:token=officer", pin: "file:$demo/pin", unattended: [root, targets]}
  ci: {module: softhsm, uri: "pkcs11:token=ci", pin: "file:$demo/pin", unattended: [snapshot, timestamp]}
  acme: {module: softhsm, uri: "pkcs11:token=acme", pin: "file:$demo/pin", unattended: [acme]}
  brakes: {module: softhsm, uri: "pkcs11:token=brakes", pin: "file:$demo/pin", unattended: [brakes]}
keys: {root-a: officer, targets-a: officer, snapshot-a: ci, timestamp-a: ci, acme-a: acme, brakes-a: brakes}
waivers:
$(for check in ADVISORY CORE-DUMPS HELPER MEMORY MEMORY-LOCK NETWORK ROUTE SWAP; do
	echo "  - {check: $check, reason: throwaway tokens of a demo, person: demo}"
done)
SITE
for list in acme brakes; do printf 'version: 1\nimages: []\n' >"$fleet/$list.yaml"; done
for token in officer ci acme brakes; do keyrite token init "$token" --pin "file:$demo/pin" --so-pin "file:$demo/pin" >/dev/null; done
shown=$(keyrite plan image --reason "first root")
mapfile -t hashes < <(sed -n 's/^sha-256  *//p' <<<"$shown")
keyrite run --yes "$(sed -n 's/^ceremony \([^: ]*\).*/\1/p' <<<"$shown")" --plan-sha256 "${hashes[0]}" --room-sha256 "${hashes[1]}" >"$demo/first.log" 2>&1
cp "$fleet/image/metadata/1.root.json" "$demo/root.json"

# job SUPPLIER: what a runner does. A bundle that the other job has overtaken is in its
# metadata already; the images are published all the same.
job() {
	local supplier=$1 code=0
	head -c 200000 /dev/urandom >"$demo/build/$supplier.bin"
	keyrite release "$demo/build/$supplier.bin" --under "$supplier" --role "$supplier" --hardware-id "$supplier-ecu" \
		--release-counter 1 --reason "release of $supplier" -o "$demo/$supplier.tar"
	scripts/publish/static.sh "$demo/$supplier.tar" "$demo/www" --trusted-root "$demo/root.json" --page || code=$?
	[ $code = 0 ] || [ $code = 5 ]
}
title "two jobs at once"
job acme >"$demo/acme.log" 2>&1 &
acme=$!
job brakes >"$demo/brakes.log" 2>&1 &
brakes=$!
wait $acme || { cat "$demo/acme.log"; exit 1; }
wait $brakes || { cat "$demo/brakes.log"; exit 1; }
tail -n 2 "$demo/acme.log" "$demo/brakes.log"
"$KEYRITE" verify "$demo/www" --trusted-root "$demo/root.json"

title "go-tuf v2 and tuf-js download both"
(cd interop && go build -o "$demo/go-tuf-v2" ./go-tuf-v2)
mkdir -p "$demo/tuf-js"
cp interop/tuf-js/* "$demo/tuf-js"
npm ci --silent --prefix "$demo/tuf-js"
python3 -u -m http.server --bind 127.0.0.1 --directory "$demo/www" 0 >"$demo/http.log" 2>&1 &
trap 'kill $!' EXIT
until port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$demo/http.log" | grep .); do sleep 0.1; done
for client in "$demo/go-tuf-v2" "node $demo/tuf-js/judge.js"; do
	mkdir "$demo/state"
	verdict=$($client "$demo/root.json" "http://127.0.0.1:$port" "$demo/state" acme/acme.bin brakes/brakes.bin)
	echo "${client##*/}: $verdict"
	[ "$verdict" = ACCEPT ]
	rm -rf "$demo/state"
done

title "both judge the last bundle, and what is bent of it"
last=$(ls -t "$demo"/*.tar | head -n 1)
for client in "$demo/go-tuf-v2" "node $demo/tuf-js/judge.js"; do
	"$KEYRITE" verify "$last" --trusted-root "$demo/root.json" --policy none --client "$client" | sed -n '/^client/,$p'
done
