#!/bin/sh
# hsm-kryoptic.sh: builds the PKCS#11 module kryoptic from crates.io, with the OpenSSL
# that it is linked with, and prints the module's path on stdout.
#
# That takes four minutes on two idle cores, once for each version of its manifest and
# of this script: it is kept under XDG_CACHE_HOME. Needs cargo and a C compiler; what
# is missing besides root on Debian gets installed.
set -eu
cd "$(dirname "$0")/.."
source=$PWD/hsm/testdata/kryoptic

say() { echo "hsm-kryoptic: $*" >&2; }

version=$(cat "$source"/Cargo.* "$source"/lib.rs scripts/hsm-kryoptic.sh | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/keyrite/kryoptic-$version
module=$cache/libkryoptic_pkcs11.so
if [ -e "$module" ]; then
	echo "$module"
	exit 0
fi

# tools says whether all that cargo does not bring is here.
tools() {
	for tool in make perl pkg-config; do command -v "$tool" || return 1; done
	pkg-config --exists sqlite3 && ls /usr/lib/llvm-*/lib/libclang.so* /usr/lib/*/libclang*.so* /usr/lib64/libclang*.so* 2>/dev/null | grep -q .
}

tools >/dev/null || scripts/need.sh "what kryoptic is built with" "apt-get install make perl pkg-config libclang-dev libsqlite3-dev" \
	"dnf install make perl pkgconf clang-devel sqlite-devel" "apk add make perl pkgconf clang-dev sqlite-dev" "pacman -S make perl pkgconf clang sqlite"

# crate NAME prints the folder with the sources of a crate.
crate() {
	cargo metadata -q --locked --format-version 1 --manifest-path "$source/Cargo.toml" |
		grep -o "\"manifest_path\":\"[^\"]*/$1-[0-9][^\"]*/Cargo.toml\"" | head -n 1 | sed 's/.*:"\(.*\)\/Cargo.toml"/\1/'
}

# openssl builds libcrypto.a, and nothing else of it, where kryoptic looks for it.
openssl() {
	cp -R "$(crate openssl-src)/openssl" "$work/openssl"
	cd "$work/openssl"
	./Configure no-shared no-apps no-tests no-docs no-deprecated no-legacy no-engine no-dso no-module
	make -j "$(nproc)" build_generated
	make -j "$(nproc)" libcrypto.a
}

kryoptic() {
	KRYOPTIC_OPENSSL_SOURCES=$work/openssl cargo build --release --locked \
		--manifest-path "$source/Cargo.toml" --target-dir "$work/target"
}

mkdir -p "$cache"
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "building $module, once"
for part in openssl kryoptic; do
	($part) >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; say "$part does not build"; exit 1; }
done
mv "$work/target/release/libkeyrite_kryoptic.so" "$module"
echo "$module"
