#!/bin/sh
# bench-whole.sh: whole processes of keyrite on SoftHSM tokens, beside go-tuf v2,
# python-tuf and tough.
#
# Usage: scripts/bench-whole.sh [FLAG...] (make bench-whole)
#
# FLAGs are those of interop/bench/whole, such as -images 1000 -delegations 20.
# BENCH_LARGE=1 adds 1,000,000 images: some 10 GB under interop/work. KEYRITE
# names another build of the command, by an absolute path. Peers are built under
# interop/work, from the Go proxy, PyPI and crates.io; without cargo there is no tough.
set -eu
cd "$(dirname "$0")/../interop"

module=$(../scripts/hsm-softhsm.sh)
bin=work/bench/bin
go build -o "$bin/" ./bench/whole/floor
go build -o "$bin/whole" ./bench/whole
go build -o "$bin/peer-go-tuf-v2" ./bench/whole/go-tuf-v2
[ -n "${KEYRITE:-}" ] || go build -C .. -trimpath -ldflags "-s -w" -o "interop/$bin/keyrite-whole" ./cmd/keyrite # as it is released
python3 -m venv work/python
work/python/bin/pip install -q -r python-tuf/requirements.txt

set -- -keyrite "${KEYRITE:-$bin/keyrite-whole}" -floor "$bin/floor" -module "$module" "$@"
if [ -n "${BENCH_LARGE:-}" ]; then set -- -images 1000,100000,1000000 "$@"; fi
set -- "$@" work/bench/whole "python-tuf=work/python/bin/python bench/whole/python-tuf/peer.py" "go-tuf v2=$bin/peer-go-tuf-v2"
if command -v cargo >/dev/null; then
	nice cargo build -q --release --locked --target-dir work/cargo --manifest-path tough/Cargo.toml --bin tough-peer
	set -- "$@" "tough=work/cargo/release/tough-peer"
fi
exec "$bin/whole" "$@"
