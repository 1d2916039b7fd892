#!/bin/sh
# make test-hsm: the tests of hsm/ on three PKCS#11 modules, SoftHSM2,
# openCryptoki's soft token and tpm2-pkcs11 on a software TPM, without touching
# the system's configuration. Needs Debian, root, and a C compiler.
#
# A module that is missing is a failure. The last line says how many pairs of
# (PKCS#11 call, CKR) the fault proxy tried.
set -eu

cd "$(dirname "$0")/../hsm" # the tests read testdata/
libs=/usr/lib/$(uname -m)-linux-gnu/pkcs11

say() { echo "hsm-test: $*" >&2; }

install() {
	if command -v pkcsslotd swtpm tpm2-abrmd dbus-run-session cc >/dev/null &&
		[ -e "$libs/libopencryptoki.so" ] && [ -e "$libs/libtpm2_pkcs11.so" ]; then
		return
	fi
	../scripts/need.sh "openCryptoki, tpm2-pkcs11 or a software TPM" "apt-get install opencryptoki swtpm tpm2-abrmd \
		libtss2-tcti-tabrmd0 libtpm2-pkcs11-1 dbus gcc libc6-dev"
}

# on_module NAME PATH SO-PIN [NAME=VALUE…] runs the tests on one module, which may
# reach what $state, $reads and $connects list.
on_module() {
	say "$1"
	export KEYRITE_MODULE="$1 $2" KEYRITE_SO_PIN="$3"
	export KEYRITE_MODULE_STATE="${state:-}" KEYRITE_MODULE_READS="${reads:-}" KEYRITE_MODULE_CONNECTS="${connects:-}"
	shift 3
	KEYRITE_MODULE_ENV="$*" "$work/hsm.test" -test.run '^TestModule(EveryKeyType|Faults|Ledger|WrongPIN)$' -test.v -test.timeout 9m
}

softhsm() {
	mkdir "$work/softhsm" "$work/softhsm/tokens"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/softhsm/tokens" >"$work/softhsm/conf"
	state="$work/softhsm/tokens"
	on_module softhsm "$KEYRITE_SOFTHSM" 87654321 "SOFTHSM2_CONF=$work/softhsm/conf"
}

# opencryptoki has its paths compiled in: it gets mounts of its own.
opencryptoki() {
	bind() { mkdir -p "$work/ock/$1" "$2" && mount --bind "$work/ock/$1" "$2"; }
	bind etc /etc/opencryptoki
	bind lib /var/lib/opencryptoki
	bind run /run
	mkdir -p /run/lock
	bind lock /var/lock/opencryptoki
	bind log /var/log
	mkdir -p /run/opencryptoki /var/log/opencryptoki /var/lib/opencryptoki/swtok/TOK_OBJ /var/lock/opencryptoki/swtok
	printf 'version opencryptoki-3.1\nslot 0\n{\nstdll = libpkcs11_sw.so\n}\n' >/etc/opencryptoki/opencryptoki.conf
	pkcsslotd -f >"$work/pkcsslotd.log" 2>&1 &
	daemon=$!
	trap 'kill $daemon' EXIT
	wait_for test -S /run/pkcsslotd.socket
	state="/var/lib/opencryptoki /var/lock/opencryptoki /dev/shm" reads=/etc/opencryptoki connects=/run/pkcsslotd.socket
	on_module opencryptoki "$libs/libopencryptoki.so" 87654321
}

# tpm2 runs on a session bus of its own, under dbus-run-session.
tpm2() {
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
	on_module tpm2 "$libs/libtpm2_pkcs11.so" 87654321 TPM2_PKCS11_TCTI=tabrmd:bus_type=session \
		"TPM2_PKCS11_STORE=$work/store" "DBUS_SESSION_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS"
}

on_the_bus() {
	dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner "string:$1" |
		grep -q 'boolean true'
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

case ${1:-all} in
softhsm | opencryptoki | tpm2) "$1" ;; # re-executed below, with $work set
all)
	[ "$(id -u)" = 0 ] || { say "must be root: openCryptoki needs mounts of its own"; exit 1; }
	KEYRITE_SOFTHSM=$(../scripts/hsm-softhsm.sh)
	install
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/reports"
	export KEYRITE_SOFTHSM work KEYRITE_REPORTS="$work/reports"
	go vet -tags modules .
	go test -tags modules -c -o "$work/hsm.test" .
	sh ../scripts/hsm-test.sh softhsm
	unshare --mount --ipc --propagation private sh ../scripts/hsm-test.sh opencryptoki
	dbus-run-session -- sh ../scripts/hsm-test.sh tpm2
	"$work/hsm.test" -test.run '^TestCapabilityTable$'
	pairs=$(cat "$KEYRITE_REPORTS"/*.pairs | sort -u | wc -l)
	runs=$(cat "$KEYRITE_REPORTS"/*.pairs | wc -l)
	echo "hsm-test: $pairs (call, CKR) pairs tried on three modules, $runs in all"
	;;
*) say "usage: hsm-test.sh"; exit 2 ;;
esac
