#!/bin/sh
# setup.sh: what a command needs on this machine, and then the command.
#
# Usage: scripts/setup.sh [--softhsm] [--pty] [--judges] [--modules] [--browser] [--venv] [--cross] [--carriers] COMMAND…
#
# Looks for a C compiler, certificate authorities, bash and Go, and runs COMMAND
# with a Go that go.mod accepts first in the PATH. --softhsm looks for SoftHSM2 too
# and gives its module in KEYRITE_SOFTHSM; --pty for a pseudo-terminal; --judges for
# what a record can be checked with, and bundles carried: openssl, Python, git, jq, curl, rsync; --modules for the other
# PKCS#11 modules of make test-hsm and their services; --browser for a browser and
# what reads its PDF; --venv for Python with virtual environments; --cross for a compiler
# for arm64; --carriers for the file systems of sticks. What is missing
# need.sh installs or names, all of it in one go, and COMMAND runs only when nothing
# is missing any more.
set -eu
cd "$(dirname "$0")/.."

failed=

# missing says what COMMAND will not run without.
missing() {
	echo "missing: $*" >&2
	failed=1
}

# need CHECK WHAT INSTALL…: WHAT is there if CHECK succeeds, maybe after need.sh.
need() {
	check=$1
	shift
	$check >/dev/null && return
	if ! scripts/need.sh "$@"; then
		failed=1
	elif ! $check >/dev/null; then
		missing "$1, though it is installed; look at PATH and CC"
	fi
}

compiler() { echo '#include <stdlib.h>' | ${CC:-gcc} -E - >/dev/null 2>&1; }

# Go downloads modules over TLS, and looks for the authorities in these folders.
authorities() { [ -n "$(ls /etc/ssl/certs /etc/pki/tls/certs 2>/dev/null)" ]; }

softhsm() {
	KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh) || failed=1
	export KEYRITE_SOFTHSM
}

# A pseudo-terminal is no package: /dev/pts has to be mounted.
pty() {
	(: <>/dev/ptmx) 2>/dev/null && return
	missing "a pseudo-terminal to test prompts with; as root: mount -t devpts -o ptmxmode=666 devpts /dev/pts"
}

# Debian's python3-minimal has no json.
python_json() { python3 -c 'import json' 2>/dev/null; }

judges() {
	need "command -v openssl" openssl "apt-get install openssl" "dnf install openssl" "apk add openssl" "pacman -S openssl"
	need python_json Python "apt-get install python3" "dnf install python3" "apk add python3" "pacman -S python"
	need "command -v git" git "apt-get install git" "dnf install git" "apk add git" "pacman -S git"
	need "command -v jq" jq "apt-get install jq" "dnf install jq" "apk add jq" "pacman -S jq"
	need "command -v curl" curl "apt-get install curl" "dnf install curl" "apk add curl" "pacman -S curl"
	need "command -v rsync" rsync "apt-get install rsync" "dnf install rsync" "apk add rsync" "pacman -S rsync"
}

# modules are looked for where Debian has them: the suite runs there.
modules() {
	libs=/usr/lib/$(uname -m)-linux-gnu
	need "test -e $libs/pkcs11/libopencryptoki.so" openCryptoki "apt-get install opencryptoki"
	need "command -v pkcsslotd" "openCryptoki's daemon" "apt-get install opencryptoki"
	need "test -e $libs/pkcs11/libtpm2_pkcs11.so" tpm2-pkcs11 "apt-get install libtpm2-pkcs11-1"
	need "command -v swtpm" "a software TPM" "apt-get install swtpm"
	need "command -v tpm2-abrmd" tpm2-abrmd "apt-get install tpm2-abrmd"
	need "test -e $libs/libtss2-tcti-tabrmd.so.0" "tpm2-abrmd's library" "apt-get install libtss2-tcti-tabrmd0"
	need "command -v dbus-run-session" D-Bus "apt-get install dbus"
	need "test -e $libs/libsoftokn3.so" NSS "apt-get install libnss3"
	need "command -v certutil" "NSS's tools" "apt-get install libnss3-tools"
	need "test -e $libs/p11-kit-proxy.so" p11-kit-proxy "apt-get install libp11-kit0"
	need "test -e $libs/pkcs11/opensc-pkcs11.so" OpenSC "apt-get install opensc-pkcs11"
	need "ls $libs/libykcs11.so.2" ykcs11 "apt-get install ykcs11"
}

chrome() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

browser() {
	need chrome "a browser" "apt-get install chromium" "dnf install chromium" "apk add chromium" "pacman -S chromium"
	need "command -v pdftotext" "poppler's tools" \
		"apt-get install poppler-utils" "dnf install poppler-utils" "apk add poppler-utils" "pacman -S poppler"
}

python_venv() { python3 -c 'import venv, ensurepip' 2>/dev/null; }

venv() {
	need python_venv "Python with virtual environments" \
		"apt-get install python3-venv" "dnf install python3-pip" "apk add python3 py3-pip" "pacman -S python-pip"
}

cross_compiler() { echo '#include <stdlib.h>' | aarch64-linux-gnu-gcc -E - >/dev/null 2>&1; }

cross() {
	need cross_compiler "a C compiler for arm64" "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
	need "command -v git" git "apt-get install git"
}

# carriers have the file systems of sticks, where Debian has them: the suite runs there.
carriers() {
	need "command -v mkfs.vfat" "FAT's tools" "apt-get install dosfstools"
	need "command -v linux.uml" "user-mode Linux" "apt-get install user-mode-linux"
	need "command -v insmod" "tools for kernel modules" "apt-get install kmod"
	need "command -v mkfs.exfat" "exFAT's tools" "apt-get install exfatprogs"
	need "command -v mount.exfat-fuse" "exFAT through FUSE" "apt-get install exfat-fuse"
	need "command -v ntfs-3g" NTFS "apt-get install ntfs-3g"
}

# current makes go the version that go.mod names, or a newer one. From 1.21 on Go
# lifts itself, though Debian's has to be told to.
current() {
	export GOTOOLCHAIN="${GOTOOLCHAIN:-auto}"
	have=$(go version) # go version go1.26.0 linux/amd64
	[ "$(printf '%s\n' "go version go1.21" "$have" | sort -V | head -n 1)" = "go version go1.21" ] || lift
}

# lift is what a newer Go does itself: it fetches the toolchain as the module that
# it is published as. Files of modules come without the right to be executed.
lift() {
	toolchain=golang.org/toolchain@v0.0.1-go$(sed -n 's/^go //p' go.mod).$(go env GOHOSTOS)-$(go env GOHOSTARCH)
	(cd / && go mod download "$toolchain")
	root=$(go env GOMODCACHE)/$toolchain
	chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
	PATH=$root/bin:$PATH
}

need compiler "a C compiler with the headers of the C library${CC:+ (CC is $CC)}" \
	"apt-get install gcc libc6-dev" "dnf install gcc glibc-devel" "apk add gcc musl-dev" "pacman -S gcc"
need authorities "certificate authorities" \
	"apt-get install ca-certificates" "dnf install ca-certificates" "apk add ca-certificates" "pacman -S ca-certificates"
need "command -v bash" bash "apt-get install bash" "dnf install bash" "apk add bash" "pacman -S bash"
need "command -v go" Go "apt-get install golang-go" "dnf install golang" "apk add go" "pacman -S go"
while :; do
	case ${1:-} in
	--softhsm) softhsm ;;
	--pty) pty ;;
	--judges) judges ;;
	--modules) modules ;;
	--browser) browser ;;
	--venv) venv ;;
	--cross) cross ;;
	--carriers) carriers ;;
	*) break ;;
	esac
	shift
done
[ -z "$failed" ] || exit 1
current
exec "$@"
