#!/bin/sh
# Makes sure that SoftHSM2 is there and prints the path of its module on stdout:
#
#   KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh) make test
#
# On Debian it installs the package as root, and unpacks it into .tools/ as any
# other user. Elsewhere it prints the one command to run and fails.
set -eu

tools=$(cd "$(dirname "$0")/.." && pwd)/.tools/softhsm

say() { echo "hsm-softhsm: $*" >&2; }

# found prints the first SoftHSM2 module there is, as hsm.SoftHSM looks for it.
found() {
	for module in "${KEYRITE_SOFTHSM:-}" \
		/usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so \
		/usr/lib64/pkcs11/libsofthsm2.so /usr/lib/pkcs11/libsofthsm2.so /usr/lib64/softhsm/libsofthsm.so \
		"$tools"/usr/lib/*/softhsm/libsofthsm2.so; do
		if [ -f "$module" ]; then
			echo "$module"
			return 0
		fi
	done
	return 1
}

install_as_root() {
	say "installing softhsm2 with apt-get"
	apt-get update -q >&2
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends softhsm2 >&2
}

# unpack puts the module, and nothing that runs by itself, into .tools/. A user
# may download packages but not refresh the lists of the system.
unpack() {
	say "unpacking libsofthsm2 into $tools"
	mkdir -p "$tools"
	(cd "$tools" && apt-get download -q libsofthsm2 >&2 && dpkg -x libsofthsm2_*.deb . && rm -f libsofthsm2_*.deb)
}

found && exit 0
if ! command -v apt-get >/dev/null; then
	say "SoftHSM2 is missing; install it with one of: dnf install softhsm | apk add softhsm | pacman -S softhsm"
	exit 1
fi
if [ "$(id -u)" = 0 ]; then install_as_root; else unpack; fi
found || { say "SoftHSM2 was installed, but its module is nowhere to be found"; exit 1; }
