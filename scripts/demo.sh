#!/usr/bin/env bash
# The main job without questions, on throwaway tokens under demo/: both
# repositories from nothing, two images and a supplier's, one root rotation,
# bundles, verification. FORMAT=tuf (default) or ota-ce. Running it twice works.
set -euo pipefail
cd "$(dirname "$0")/.."

format=${FORMAT:-tuf}
demo=$PWD/demo
fleet=$demo/fleet
module=$(scripts/hsm-softhsm.sh)
keyrite() { "$demo/../bin/keyrite" -C "$fleet" "$@"; }
title() { printf '\n== %s\n' "$*"; }

rm -rf "$demo"
mkdir -p "$demo/trusted" "$demo/published"

title "a workspace from the best-practice presets"
keyrite init "$fleet" --fleet roadster --format "$format"

# The starter shows the supplier and the waiver as comments. Here they are
# switched on, and the Director's targets list images, because this machine also
# plays the online service.
edit_trust() {
	sed -i -E \
		-e 's/^( +)# (acme-[12]: )/\1\2/' \
		-e '/^    # delegations:/,/images: acme.yaml/ s/^    # /    /' \
		-e 's/(targets: \{keys: \[director-targets\].*expires: 1d)/\1, images: director.yaml/' \
		-e 's/^    # waivers:/    waivers:/' \
		-e 's/^    #   - \{check: ROOT-KEYS.*/      - {check: ROOT-UNATTENDED, reason: "throwaway tokens of a demo", person: demo}/' \
		"$fleet/trust.yaml"
	printf '    waivers:\n      - {check: ROOT-UNATTENDED, reason: "throwaway tokens of a demo", person: demo}\n' >>"$fleet/trust.yaml"
}
edit_trust

title "eleven throwaway tokens, each with keys of one custodian"
mkdir -p "$fleet/hsm/tokens"
(umask 077 && head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$demo/pin")
cat >"$fleet/hsm/softhsm2.conf" <<CONF
directories.tokendir = $fleet/hsm/tokens
objectstore.backend = file
log.level = ERROR
slots.removable = false
library.reset_on_fork = false
CONF
site() { cat >>"$fleet/site.yaml"; }
cat >"$fleet/site.yaml" <<SITE
# The room of the demo. Every token may sign unattended: never do that with root.
version: 1
site: demo
modules:
  softhsm: {path: $module, sha256: $(sha256sum "$module" | cut -d' ' -f1), env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
waivers: # of preflight: this may be any machine
$(for check in CORE-DUMPS HELPER MEMORY MEMORY-LOCK NETWORK ROUTE SWAP; do
	echo "  - {check: $check, reason: \"throwaway tokens of a demo\", person: demo}"
done)
SITE
tokens="tokens:"
token() { # LABEL ROLES
	local serial
	serial=$(keyrite --output json token init "$1" --pin "file:$demo/pin" --so-pin "file:$demo/pin" | sed -n 's/.*"serial": "\(.*\)".*/\1/p')
	echo "token $1, serial $serial"
	tokens+="
  $1: {module: softhsm, uri: \"pkcs11:serial=$serial;token=$1\", pin: \"file:$demo/pin\", unattended: [$2]}"
}
token officer-1 root
token officer-2 root
token officer-3 root
token officer-4 root
token release-1 targets
token release-2 targets
token release-3 targets
token ci "snapshot, timestamp"
token ci-spare "snapshot, timestamp"
token acme acme-brakes
token director "targets, snapshot, timestamp"
site <<SITE
$tokens
keys:
  root-a: officer-1
  root-b: officer-2
  root-c: officer-3
  root-d: officer-4
  targets-a: release-1
  targets-b: release-2
  targets-c: release-3
  snapshot-1: ci
  timestamp-1: ci
  snapshot-2: ci-spare
  timestamp-2: ci-spare
  acme-1: acme
  acme-2: acme
  director-root-a: officer-1
  director-root-b: officer-2
  director-root-c: officer-3
  director-targets: director
  director-snapshot: director
  director-timestamp: director
SITE
keyrite token list

title "keys of the supplier and of the online service"
for key in acme-1 acme-2; do keyrite key generate "$key" --type ed25519 --token acme >/dev/null; done
for role in targets snapshot timestamp; do keyrite key generate "director-$role" --type ed25519 --token director >/dev/null; done
keyrite key list

title "three images"
mkdir -p "$demo/oem" "$demo/acme/acme-brakes"
head -c 300000 /dev/urandom >"$demo/oem/gateway-1.4.2.bin"
head -c 200000 /dev/urandom >"$demo/oem/infotainment-2.1.0.bin"
head -c 100000 /dev/urandom >"$demo/acme/acme-brakes/abs-3.0.1.bin"
keyrite hash "$demo/oem" -o "$fleet/images.yaml" --hardware-id gateway-mk2 --release-counter 1
keyrite hash "$demo/acme" -o "$fleet/acme.yaml" --hardware-id acme-abs --release-counter 1
mkdir "$demo/images"
cp -r "$demo/oem/." "$demo/acme/." "$demo/images"
keyrite hash "$demo/images" -o "$fleet/director.yaml"
# The Director says which ECU installs what.
awk '{print} /^  - path:/ {p=$3; gsub(/"/, "", p)} /^    sha512:/ {
	ecu = p ~ /gateway/ ? "GW-0001: {hardwareId: gateway-mk2}" : p ~ /abs/ ? "ABS-0001: {hardwareId: acme-abs}" : "IVI-0001: {hardwareId: gateway-mk2}"
	print "    custom: {ecuIdentifiers: {" ecu "}, releaseCounter: 1}" }' "$fleet/director.yaml" >"$demo/director.yaml"
mv "$demo/director.yaml" "$fleet/director.yaml"

ceremony() { # REPOSITORY REASON
	local shown hashes name
	shown=$(keyrite plan "$1" --reason "$2")
	echo "$shown"
	mapfile -t hashes < <(sed -n 's/^sha-256  *//p' <<<"$shown") # of the plan, of the room
	name=$(sed -n 's/^ceremony \([^:]*\).*/\1/p' <<<"$shown")
	keyrite rehearse "$name" --yes
	keyrite runbook "$name"
	keyrite run "$name" --yes --plan-sha256 "${hashes[0]}" --room-sha256 "${hashes[1]}"
	keyrite record "$name"
}
title "first ceremony of the Image repository"
ceremony image "first root"
title "first ceremony of the Director"
ceremony director "first root"
cp "$fleet/image/metadata/1.root.json" "$demo/trusted/image-root.json"
cp "$fleet/director/metadata/1.root.json" "$demo/trusted/director-root.json"

title "root rotation: root-c is lost, root-d takes its place"
sed -i -e 's/root-c: {type: ed25519, custodian: crypto officer 3}/root-d: {type: ed25519, custodian: crypto officer 4}/' \
	-e 's/keys: \[root-a, root-b, root-c\]/keys: [root-a, root-b, root-d]/' "$fleet/trust.yaml"
# The Director's keys have names of their own and stay as they are.
sed -i -e 's/director-root-d: {type: ed25519, custodian: crypto officer 4}/director-root-c: {type: ed25519, custodian: crypto officer 3}/' "$fleet/trust.yaml"
ceremony image "token of crypto officer 3 lost"

title "bundles, as they are carried to the online repositories"
keyrite bundle image -o "$demo/image.tar" --images "$demo/images"
keyrite bundle director -o "$demo/director.tar"
keyrite unbundle "$demo/image.tar" "$demo/published/image"
keyrite unbundle "$demo/director.tar" "$demo/published/director"

title "verify, from public data only"
keyrite verify "$demo/image.tar" --trusted-root "$demo/trusted/image-root.json" \
	--director "$demo/director.tar" --director-root "$demo/trusted/director-root.json"
title "every transcript, and every file that one states"
keyrite transcript verify
title "status"
keyrite status
title "the page at the front door of what is published"
for repository in image director; do
	keyrite status --site "$demo/published/$repository" --trusted-root "$demo/trusted/$repository-root.json" --html "$demo/published/$repository/index.html"
done

cat <<DONE

Made under demo/ (format $format):
  fleet/                      the workspace: trust.yaml, site.yaml, keys/, metadata, ceremonies/
  image.tar, director.tar     bundles for the online repositories
  published/                  what the repositories serve
  trusted/                    version 1 of both roots, as a factory would put it on vehicles

Look at it:
  less demo/fleet/trust.yaml
  demo/fleet/ceremonies/*/runbook.html and */record.html, in any browser
  demo/published/*/index.html, what the repositories say of themselves
  less demo/fleet/ceremonies/*/plan.yaml demo/fleet/ceremonies/*/*/transcript.jsonl
  bin/keyrite -C demo/fleet status
  bin/keyrite -C demo/fleet key list
  bin/keyrite verify demo/published/image --trusted-root demo/trusted/image-root.json
DONE
