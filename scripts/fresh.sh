#!/bin/sh
# fresh.sh: the README's two commands on a bare Debian (make fresh).
#
# Usage: SUITE=bookworm scripts/fresh.sh
#
# Makes a chroot with debootstrap, minbase and make, and puts into it clean clones
# of HEAD and this machine's way to the registries: proxies, Go's settings,
# certificate authorities. There a user has to be told what is missing, and root
# gets it installed. Prints a line for each trial, the output of one that fails,
# and removes everything. Needs Debian, root, 3 GB under TMPDIR, and the network:
# some 400 MB.
set -eu
cd "$(dirname "$0")/.."

say() { echo "fresh: $*"; }

fail() {
	cat "$work/log"
	say "$*: FAILED"
	exit 1
}

# mirror is where this machine has Debian from.
mirror() {
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$codename //p" | head -n 1
}

# settings are the variables of this machine that say how registries are reached.
settings() {
	env | grep -E '^((http|https|no|all)_proxy|(HTTP|HTTPS|NO|ALL)_PROXY|GO(PROXY|NOPROXY|FLAGS|SUMDB|NOSUMDB|PRIVATE|TOOLCHAIN)|SSL_CERT_(FILE|DIR))='
}

# furnish makes the machine in $root, with a user, and a clone for each of the two.
furnish() {
	debootstrap --variant=minbase --include=make "$suite" "$root" "$(mirror)" >"$work/log" 2>&1 || fail debootstrap
	chroot "$root" useradd --create-home user
	for home in "$root/root" "$root/home/user"; do
		git clone -q . "$home/keyrite"
		git -C "$home/keyrite" checkout -q "$commit"
		mkdir -p "$home/.config/go"
		cp "${GOENV:-$HOME/.config/go/env}" "$home/.config/go/env" 2>/dev/null || true
	done
	mkdir "$root/root/archive"
	git archive "$commit" | tar -x -C "$root/root/archive"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	apt-config dump | grep -iE '^Acquire::https?::(Proxy|CaInfo)' >"$root/etc/apt/apt.conf.d/90fresh" || true
	chroot "$root" chown -R user: /home/user
	# They count as soon as ca-certificates is there: update-ca-certificates(8).
	mkdir -p "$root/usr/local/share/ca-certificates"
	cp /etc/ssl/certs/ca-certificates.crt "$root/usr/local/share/ca-certificates/machine.crt"
}

# as USER COMMAND runs it in his clone, without the rest of this environment.
as() {
	home=/home/$1
	[ "$1" != root ] || home=/root
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "HOME=$home" LANG=C.UTF-8 $(settings) \
		chroot "--userspec=$1:" "$root" sh -c "cd $home/keyrite && $2" >"$work/log" 2>&1 </dev/null
}

# works USER COMMAND: it ends well.
works() {
	began=$(date +%s)
	as "$1" "$2" || fail "$1: $2"
	say "$1: $2: done in $(($(date +%s) - began)) s"
}

# refused USER COMMAND LINE…: it fails and says these lines, and nothing besides
# but what make says, and that SoftHSM2 was unpacked.
refused() {
	trial="$1: $2"
	! as "$1" "$2" || fail "$trial, which should not work"
	shift 2
	for line; do grep -qxF "missing: $line" "$work/log" || fail "$trial, without the line \"missing: $line\""; done
	[ "$(grep -cvE '^(make: |scripts/setup.sh |hsm-softhsm: unpacked )' "$work/log")" = $# ] || fail "$trial, with lines besides"
	say "$trial: refused with $# lines"
}

trials() {
	set -- "a C compiler with the headers of the C library; as root: apt-get install gcc libc6-dev" \
		"certificate authorities; as root: apt-get install ca-certificates" \
		"Go; as root: apt-get install golang-go"
	# Where the library is that SoftHSM2 is linked with, a user gets it unpacked.
	ls "$root"/usr/lib/*/libssl.so.3 >/dev/null 2>&1 || set -- "$@" "SoftHSM2; as root: apt-get install softhsm2"
	devpts="mount -t devpts -o ptmxmode=666 devpts /dev/pts"
	terminal="a pseudo-terminal to test prompts with; as root: $devpts"
	refused user "make demo" "$@"
	for judge in openssl git jq curl rsync; do set -- "$@" "$judge; as root: apt-get install $judge"; done
	refused user "make test" "$terminal" "Python; as root: apt-get install python3" "$@"
	works root "make demo"
	works root "scripts/setup.sh --judges true"
	refused root "make test" "$terminal"
	works root "$devpts"
	works root "make test"
	works root "make demo FORMAT=ota-ce"
	works user "make demo"
	works root "apt-get purge -y softhsm2 libsofthsm2"
	works user "make demo" # on SoftHSM2 as a user has it
	works root "cd ../archive && make build && bin/keyrite --version | grep -w $commit"
}

if [ "${1:-}" = trials ]; then # as called below, with $work, $root and $commit set
	mount --bind "$root" "$root" # as on a machine, / is where something is mounted
	mount -t proc proc "$root/proc"
	trials
	exit
fi
[ "$(id -u)" = 0 ] || { say "must be root: it makes a chroot" >&2; exit 1; }
command -v debootstrap >/dev/null || scripts/need.sh debootstrap "apt-get install debootstrap"
suite=${SUITE:-bookworm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
root=$work/root
commit=$(git rev-parse HEAD)
export work root commit
furnish
say "$commit on $suite, minbase and make: $(du -sm "$root" | cut -f1) MB"
# In namespaces of its own: what it mounts or leaves running ends with it.
unshare --mount --pid --fork --kill-child sh "$0" trials
say "all of it, and the machine has $(du -sm "$root" | cut -f1) MB"
