#!/bin/sh
# carriers-test.sh: two sites hold a ceremony over a stick with FAT, exFAT and NTFS, also
# where it can only be read (make test-carriers).
#
# Usage: scripts/carriers-test.sh [exfat|ntfs|fat…]
#
# The file systems lie in files. exFAT and NTFS are mounted by FUSE; FAT is that of a
# kernel which runs as a program (user-mode Linux), for kernels of cloud machines lack it,
# and no FAT of FUSE reads back what it wrote. Needs root and the packages of setup.sh
# --carriers. The mounts are the script's own.
set -eu

[ "$(id -u)" = 0 ] || { echo "carriers-test: must be root: it mounts file systems" >&2; exit 1; }
case ${1:-} in
apart | inside) ;;
*) exec unshare --mount --propagation private "$0" apart "$@" ;;
esac
cd "$(dirname "$0")/.."

# carrier NAME DIR: what is mounted on DIR/stick can be read on DIR/readonly, too.
carrier() {
	mkdir -p "$2/readonly"
	mountpoint -q "$2/stick"
	mount --bind "$2/stick" "$2/readonly"
	mount -o remount,bind,ro "$2/readonly"
	echo "$1=$2/stick:$2/readonly"
}

# hold CARRIERS: the ceremonies.
hold() (
	cd cmd/keyrite
	KEYRITE_CARRIERS=$1 "$work/carriers.test" -test.run TestCarriers -test.timeout 30m
)

# inside is the first program of the kernel that has FAT: $work, $KEYRITE_SOFTHSM and $TMPDIR
# are what its command line says.
inside() {
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/run/tmp
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t tmpfs tmp /run
	mkdir -p /dev/shm
	mount -t tmpfs tmp /dev/shm
	modules=/usr/lib/uml/modules/$(uname -r)/kernel/fs
	for module in fat/fat fat/vfat nls/nls_cp437 nls/nls_ascii; do insmod "$modules/$module.ko"; done
	mkdir -p /run/tmp /run/fat/stick
	mount -t vfat -o iocharset=ascii /dev/ubdb /run/fat/stick
	if hold "$(carrier FAT /run/fat)"; then touch "$work/fat.held"; fi
	umount /run/fat/readonly /run/fat/stick
	halt -f -p
}

fat() {
	truncate -s 256M "$work/fat.disk"
	mkfs.vfat -F 32 "$work/fat.disk"
	linux.uml mem=900M rootfstype=hostfs rootflags=/ rw "init=$PWD/scripts/carriers-test.sh" "ubdb=$work/fat.disk" \
		con=null con0=fd:0,fd:1 quiet "work=$work" "KEYRITE_SOFTHSM=$KEYRITE_SOFTHSM" -- inside </dev/null
	[ -e "$work/fat.held" ]
}

exfat() {
	mkdir -p "$work/exfat/stick"
	truncate -s 256M "$work/exfat.disk"
	mkfs.exfat "$work/exfat.disk"
	loop=$(losetup -f --show "$work/exfat.disk")
	mount.exfat-fuse "$loop" "$work/exfat/stick"
	losetup -d "$loop" # when it is not mounted any more
	hold "$(carrier exFAT "$work/exfat")"
	umount "$work/exfat/readonly" "$work/exfat/stick"
}

ntfs() {
	mkdir -p "$work/ntfs/stick"
	truncate -s 256M "$work/ntfs.disk"
	mkntfs -Q -F "$work/ntfs.disk"
	ntfs-3g "$work/ntfs.disk" "$work/ntfs/stick"
	hold "$(carrier NTFS "$work/ntfs")"
	umount "$work/ntfs/readonly" "$work/ntfs/stick"
}

if [ "$1" = inside ]; then
	inside
	exit
fi
shift # apart
[ $# -gt 0 ] || set -- exfat ntfs fat
work=$(mktemp -d)
trap 'umount -q "$work"/*/readonly "$work"/*/stick || true; rm -rf --one-file-system "$work"' EXIT
KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM
go test -c -ldflags='-s -w' -o "$work/carriers.test" ./cmd/keyrite
for kind; do
	set +e # what stands in a condition does not stop at the first failure
	(set -e; "$kind") >"$work/$kind.log" 2>&1
	held=$?
	set -e
	if [ "$held" != 0 ]; then
		cat "$work/$kind.log" >&2
		echo "carriers-test: not all held on $kind" >&2
		exit 1
	fi
done
echo "carriers-test: a ceremony of two sites over $*, and from each when it can only be read: all held"
