#!/bin/sh
# Makes sure that SoftHSM2 is there and prints the path of its module on stdout:
#
#   KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh) go test ./...
#
# Root on Debian gets the package installed, any other user gets it unpacked into
# .tools/. Elsewhere it says the one command to run and fails.
set -eu
cd "$(dirname "$0")/.."

tools=$PWD/.tools/softhsm

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

# unpack puts the module, and nothing that runs by itself, into .tools/. A user
# may download packages but not refresh the lists of the system, nor install the
# libraries that the module is linked with; without one of them it is of no use.
unpack() {
	mkdir -p "$tools" && cd "$tools" && apt-get download -q libsofthsm2 && dpkg -x libsofthsm2_*.deb . &&
		rm -f libsofthsm2_*.deb && ldd usr/lib/*/softhsm/libsofthsm2.so >libraries && ! grep 'not found' libraries
}

found && exit 0
if [ "$(id -u)" != 0 ] && command -v apt-get >/dev/null; then
	(unpack) >/dev/null 2>&1 || rm -rf "$tools"
	found && say "unpacked libsofthsm2 into $tools" && exit 0
fi
scripts/need.sh SoftHSM2 "apt-get install softhsm2" "dnf install softhsm" "apk add softhsm" "pacman -S softhsm"
found || { say "SoftHSM2 was installed, but its module is nowhere to be found"; exit 1; }
