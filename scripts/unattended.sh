# unattended.sh: a workspace on throwaway SoftHSM tokens that releases without people, for
# scripts that release. Read by them, not run.

# unattended KEYRITE DIR: make it in DIR/fleet, with the first root signed, by the command
# KEYRITE. Its PIN is in DIR/pin; nothing of it goes to the user's own cache.
unattended() {
	local keyrite=$1 dir=$2 fleet=$2/fleet module shown hashes token
	module=$(scripts/hsm-softhsm.sh)
	mkdir -p "$fleet/hsm/tokens" "$fleet/keys" "$dir/cache"
	export XDG_CACHE_HOME=$dir/cache
	(umask 077 && head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/pin")
	cat >"$fleet/hsm/softhsm2.conf" <<-CONF
		directories.tokendir = $fleet/hsm/tokens
		objectstore.backend = file
		log.level = ERROR
		slots.removable = false
		library.reset_on_fork = false
	CONF
	cat >"$fleet/trust.yaml" <<-TRUST
		version: 1
		fleet: throwaway
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
		site: throwaway
		modules:
		  softhsm: {path: $module, sha256: $(sha256sum "$module" | cut -d' ' -f1), env: {SOFTHSM2_CONF: hsm/softhsm2.conf}, state: [hsm/tokens]}
		tokens:
		  maintainer: {module: softhsm, uri: "pkcs11:token=maintainer", pin: "file:$dir/pin", unattended: [root]}
		  release: {module: softhsm, uri: "pkcs11:token=release", pin: "file:$dir/pin", unattended: [targets, snapshot, timestamp]}
		keys: {root-a: maintainer, release-a: release, snapshot-a: release, timestamp-a: release}
		waivers:
		$(for check in ADVISORY CORE-DUMPS HELPER MEMORY MEMORY-LOCK NETWORK ROUTE SWAP; do
			echo "  - {check: $check, reason: throwaway tokens of a test, person: test}"
		done)
	SITE
	printf 'version: 1\nimages: []\n' >"$fleet/images.yaml"
	for token in maintainer release; do "$keyrite" -C "$fleet" token init "$token" --pin "file:$dir/pin" --so-pin "file:$dir/pin" >/dev/null; done
	shown=$("$keyrite" -C "$fleet" plan image --reason "first root")
	mapfile -t hashes < <(sed -n 's/^sha-256  *//p' <<<"$shown")
	"$keyrite" -C "$fleet" run --yes "$(sed -n 's/^ceremony \([^: ]*\).*/\1/p' <<<"$shown")" \
		--plan-sha256 "${hashes[0]}" --room-sha256 "${hashes[1]}" >"$dir/log" 2>&1 || { cat "$dir/log" >&2; return 1; }
}
