#!/usr/bin/env bash
# release.sh: archives and packages of keyrite itself, byte for byte the same wherever
# this commit is built.
#
# Usage: scripts/release.sh [OUT] (make release)
#
# Makes in OUT (dist), which must not exist, for linux on amd64 and arm64: a .tar.gz, a
# .deb and a .rpm, a list of what is in them (CycloneDX), and SHA256SUMS. It builds what
# is committed, and refuses a tree with changes. With KEYRITE_RELEASE, the folder of a
# workspace whose targets a token signs unattended, all of it is released as images of
# that repository, by the keyrite that was just built: users verify keyrite.tar with
# keyrite verify, and every file by SHA256SUMS in it.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(realpath -m "${1:-dist}")
[ ! -e "$out" ] || { echo "$out is there already" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || { echo "the tree has changes; a release is of a commit" >&2; exit 1; }
commit=$(git rev-parse HEAD)
seconds=$(git log -1 --format=%ct)
VERSION=$(git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//' || true)
VERSION=${VERSION:-0.0.0~$(date -u -d "@$seconds" +%Y%m%d).${commit:0:12}}
TIME=$(date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ)
export VERSION TIME SOURCE_DATE_EPOCH=$seconds LC_ALL=C TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd scripts/release && go build -trimpath -o "$work/nfpm" github.com/goreleaser/nfpm/v2/cmd/nfpm)

# build ARCH CC: the command. Nothing of this machine but its compiler is in it.
build() {
	CGO_ENABLED=1 GOOS=linux GOARCH=$1 CC=$2 GOFLAGS= GOAMD64=v1 GOARM64=v8.0 \
		go build -trimpath -buildvcs=true -ldflags '-s -w -buildid= -extldflags=-Wl,--build-id=none' -o "$3" ./cmd/keyrite
}

# tree DIR: what a package installs, beside the command.
tree() {
	local doc=$1/share/doc/keyrite
	mkdir -p "$doc" "$1/bin"
	cp README.md LICENSE docs/*.md "$doc"
	cp -r scripts/publish scripts/ci "$doc"
	rm -f "$doc"/*/*.go
	[ ! -d docs/man ] || { mkdir -p "$1/share/man/man1" && cp docs/man/*.1 "$1/share/man/man1"; }
	find "$1" -exec touch -h -d "$TIME" {} +
	chmod -R u=rwX,go=rX "$1"
}

mkdir -p "$work/dist"
for target in amd64:gcc arm64:aarch64-linux-gnu-gcc; do
	export ARCH=${target%%:*} TREE=$work/${target%%:*}
	name=keyrite-$VERSION-linux-$ARCH
	tree "$TREE"
	build "$ARCH" "${target##*:}" "$TREE/bin/keyrite"
	touch -d "$TIME" "$TREE/bin/keyrite" "$TREE/bin"
	tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$TIME" --format=gnu --transform "s|^$ARCH|$name|" -cf - "$ARCH" | gzip -9n >"$work/dist/$name.tar.gz"
	sed -e "s|\${ARCH}|$ARCH|; s|\${VERSION}|$VERSION|; s|\${TIME}|$TIME|g; s|\${TREE}|$TREE|" scripts/release/nfpm.yaml >"$work/nfpm.yaml"
	for packager in deb rpm; do
		"$work/nfpm" package --config "$work/nfpm.yaml" --packager "$packager" --target "$work/dist/$name.$packager" >/dev/null
	done
done
host=$work/$(go env GOHOSTARCH)/bin/keyrite
"$host" version --sbom >"$work/dist/keyrite-$VERSION.cdx.json"
(cd "$work/dist" && sha256sum -- * >SHA256SUMS)
if [ -n "${KEYRITE_RELEASE:-}" ]; then
	"$host" -C "$KEYRITE_RELEASE" release "$work/dist" --under "$VERSION" --role targets --reason "keyrite $VERSION" -o "$work/keyrite.tar"
	mv "$work/keyrite.tar" "$work/dist/keyrite.tar"
fi
mv "$work/dist" "$out"
ls -l "$out"
