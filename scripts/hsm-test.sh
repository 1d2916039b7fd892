#!/bin/sh
# hsm-test.sh: the tests of hsm/ on real PKCS#11 modules (make test-hsm), without
# touching the system's configuration.
#
# Usage: scripts/hsm-test.sh [MODULE…]
#
# SoftHSM2, openCryptoki's soft token, tpm2-pkcs11 on a software TPM, NSS softokn,
# p11-kit-proxy in front of two of them, and kryoptic, which is built from crates.io
# and left out where cargo is missing; and all that modules do of which there is none
# here, played by testdata/. Needs root and the packages of setup.sh --modules: any
# other module that is missing is a failure. KEYRITE_UPDATE=1 writes the tables of
# docs/hsm-modules.md anew. The last line says what was tried.
set -eu

cd "$(dirname "$0")/../hsm" # the tests read testdata/
libs=/usr/lib/$(uname -m)-linux-gnu

say() { echo "hsm-test: $*" >&2; }

# on_module NAME PATH [NAME=VALUE…] runs the tests on one module, which may reach what
# $state, $reads and $connects list, is started with $init, and has a token with the
# label $label already.
on_module() {
	export KEYRITE_MODULE="$1 $2" KEYRITE_MODULE_INIT="${init:-}" KEYRITE_MODULE_LABEL="${label:-}"
	export KEYRITE_MODULE_STATE="${state:-}" KEYRITE_MODULE_READS="${reads:-}" KEYRITE_MODULE_CONNECTS="${connects:-}"
	shift 2
	KEYRITE_MODULE_ENV="$*" "$work/hsm.test" -test.run "${RUN:-^TestModule$}" -test.v -test.timeout 20m
}

# softhsm_token makes a folder for SoftHSM2 in $dir, and its configuration in $conf.
softhsm_token() {
	dir=$1/tokens conf=$1/conf
	mkdir -p "$dir"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir" >"$conf"
}

softhsm() {
	softhsm_token "$work/softhsm"
	state=$dir
	on_module softhsm "$KEYRITE_SOFTHSM" "SOFTHSM2_CONF=$conf"
}

# bind DIR puts a folder of its own in the place of a system's.
bind() {
	mkdir -p "$work/mounts$1" "$1"
	mount --bind "$work/mounts$1" "$1"
}

# opencryptoki has its paths compiled in: it gets mounts of its own.
opencryptoki() {
	bind /dev/shm
	bind /etc/opencryptoki
	bind /var/lib/opencryptoki
	bind /run
	mkdir -p /run/lock
	bind /var/lock/opencryptoki
	bind /var/log
	mkdir -p /run/opencryptoki /var/log/opencryptoki /var/lib/opencryptoki/swtok/TOK_OBJ /var/lock/opencryptoki/swtok
	printf 'version opencryptoki-3.1\nslot 0\n{\nstdll = libpkcs11_sw.so\n}\n' >/etc/opencryptoki/opencryptoki.conf
	pkcsslotd -f >"$work/pkcsslotd.log" 2>&1 &
	daemon=$!
	trap 'kill $daemon' EXIT
	wait_for test -S /run/pkcsslotd.socket
	state="/var/lib/opencryptoki /var/lock/opencryptoki /dev/shm" reads=/etc/opencryptoki connects=/run/pkcsslotd.socket
	on_module opencryptoki "$libs/pkcs11/libopencryptoki.so"
}

# tpm2_pkcs11 runs on a session bus of its own, under dbus-run-session.
tpm2_pkcs11() {
	mkdir "$work/tpm" "$work/store"
	swtpm socket --tpm2 --tpmstate "dir=$work/tpm" --server "type=unixio,path=$work/tpm.sock" \
		--ctrl "type=unixio,path=$work/tpm.sock.ctrl" --flags not-need-init,startup-clear >"$work/swtpm.log" 2>&1 &
	swtpm=$!
	trap 'kill $swtpm' EXIT
	wait_for test -S "$work/tpm.sock"
	tpm2-abrmd --session --allow-root --tcti="swtpm:path=$work/tpm.sock" --flush-all >"$work/abrmd.log" 2>&1 &
	abrmd=$!
	trap 'kill $abrmd $swtpm' EXIT
	wait_for on_the_bus com.intel.tss2.Tabrmd
	bus=${DBUS_SESSION_BUS_ADDRESS#unix:path=}
	state="$work/store" connects=${bus%%,*}
	on_module tpm2-pkcs11 "$libs/pkcs11/libtpm2_pkcs11.so" TPM2_PKCS11_TCTI=tabrmd:bus_type=session \
		"TPM2_PKCS11_STORE=$work/store" "DBUS_SESSION_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS"
}

on_the_bus() {
	dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner "string:$1" |
		grep -q 'boolean true'
}

# nss_token makes an NSS database in $work/NAME; NSS's own tool has to.
nss_token() {
	mkdir "$work/$1"
	echo 76543210 >"$work/$1.pin"
	certutil -N -d "sql:$work/$1" -f "$work/$1.pin"
	state=$work/$1 init="configdir='sql:$work/$1'" label="NSS Certificate DB"
}

nss() {
	nss_token nss
	on_module nss "$libs/libsoftokn3.so"
}

# p11_kit_proxy stands in front of a SoftHSM2 and an NSS, and is told so in a folder that it
# has compiled in.
p11_kit_proxy() {
	bind /usr/share/p11-kit/modules
	nss_token nss-behind
	printf "module: %s\nx-init-reserved: %s\n" "$libs/libsoftokn3.so" "$init" >/usr/share/p11-kit/modules/nss.module
	echo "module: $KEYRITE_SOFTHSM" >/usr/share/p11-kit/modules/softhsm2.module
	softhsm_token "$work/behind"
	state="$state $dir" init='' label=''
	on_module p11-kit-proxy "$libs/p11-kit-proxy.so" "SOFTHSM2_CONF=$conf"
}

kryoptic() {
	mkdir "$work/kryoptic"
	printf '[[slots]]\nslot = 1\ndbtype = "sqlite"\ndbargs = "%s"\n' "$work/kryoptic/token.sql" >"$work/kryoptic.conf"
	state="$work/kryoptic"
	on_module kryoptic "$kryoptic" "KRYOPTIC_CONF=$work/kryoptic.conf"
}

# wait_for COMMAND… waits until it succeeds, at most ten seconds.
wait_for() {
	for _ in $(seq 100); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	say "timed out: $*"
	return 1
}

# played runs what no module of the suite does: habits, faults and attacks.
played() { "$work/hsm.test" -test.run 'Habit|Doors|ForeignSystemCalls|AsAnotherUser|Undeclared|WithoutTheirService|InitTokenFaults|BackupFaults|LedgerFaults' -test.timeout 20m; }

# apart PART runs its tests in what it needs around it.
apart() {
	case $1 in
	opencryptoki) set -- "$1" unshare --mount --ipc --propagation private ;; # the slowest
	p11_kit_proxy) set -- "$1" nice -n 5 unshare --mount --ipc --propagation private ;;
	tpm2_pkcs11) set -- "$1" nice -n 5 dbus-run-session -- ;;
	*) set -- "$1" nice -n 5 ;;
	esac
	part=$1
	shift
	"$@" sh ../scripts/hsm-test.sh "within $part" >"$work/$part.log" 2>&1 || echo failed >"$work/$part.failed"
	say "$part: $(tail -n 1 "$work/$part.log" | cut -c1-100), $(($(date +%s) - began)) s"
}

# count FILE… counts the different lines.
count() { sort -u "$@" | wc -l; }

case ${1:-} in
within\ *) ${1#within }; exit ;; # as called by apart, with $work set
esac
[ "$(id -u)" = 0 ] || { say "must be root: some modules need mounts of their own"; exit 1; }
began=$(date +%s)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/reports"
KEYRITE_SOFTHSM=$(../scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM work began KEYRITE_REPORTS="$work/reports"
left_out=' (left out: kryoptic, which needs cargo)'
if command -v cargo >/dev/null; then
	kryoptic=$(../scripts/hsm-kryoptic.sh)
	export kryoptic
	left_out=
fi
go vet -tags modules .
go test -tags modules -c -o "$work/hsm.test" .
[ $# -gt 0 ] || set -- softhsm opencryptoki tpm2_pkcs11 nss p11_kit_proxy ${kryoptic:+kryoptic} played
for part; do apart "$part" & done
wait
for part; do
	[ ! -e "$work/$part.failed" ] || { cat "$work/$part.log" >&2; failed=1; }
done
[ -z "${failed:-}" ] || { say "not all held"; exit 1; }
case " $* " in *' played '*) ;; *) exit 0 ;; esac # some parts only
[ -n "$left_out" ] || "$work/hsm.test" -test.run '^TestModulesDoc$' >&2
cd "$work/reports"
echo "hsm-test: $(ls ./*.json | wc -l) modules$left_out, $(count habits) habits, $(count ./*.pairs) (call, CKR) pairs in $(cat ./*.pairs | wc -l) trials," \
	"$(count doors) hostile doors: all held"
