#!/bin/sh
# need.sh: something that keyrite needs is missing on this machine.
#
# Usage: scripts/need.sh WHAT INSTALL…
#
# Each INSTALL is the command of one package manager, and the first whose program
# is there counts. Root on Debian gets it run. Everybody else gets one line with
# it, and need.sh fails.
set -eu

what=$1
shift

tell() {
	echo "missing: $what; $*" >&2
	exit 1
}

# run installs from the lists that are there, and refreshes them if that fails:
# they are empty on many images, and most often good enough elsewhere.
run() {
	export DEBIAN_FRONTEND=noninteractive
	set -- "$@" -q -y --no-install-recommends
	echo "missing: $what; installing it: $*" >&2
	"$@" >&2 2>/dev/null || { apt-get update -q >&2 && "$@" >&2; }
}

debian=$1
for install; do
	manager=${install%% *}
	command -v "$manager" >/dev/null || continue
	[ "$manager $(id -u)" = "apt-get 0" ] || tell "as root: $install"
	run $install || tell "what failed: $install"
	exit
done
tell "on Debian, as root: $debian"
