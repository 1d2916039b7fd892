#!/bin/sh
# interop-conformance.sh: the TUF conformance suite judges keyrite's client.
#
# Usage: scripts/interop-conformance.sh [SUITE]
#
# SUITE is a checkout of github.com/theupdateframework/tuf-conformance; its
# requirements come from PyPI. Without it only keyrite's own test of the suite's
# request order runs, and the last line says so. Tests that move the clock need
# faketime.
set -eu
suite=${1:+$(cd "$1" && pwd)}
cd "$(dirname "$0")/../interop"

go test ./conformance
if [ -z "$suite" ]; then
	echo "left out: the TUF conformance suite itself; call $0 SUITE"
	exit 0
fi
go build -o work/bin/ ./conformance
client=$PWD/work/bin/conformance
python3 -m venv work/conformance
work/conformance/bin/pip install -q "$suite"
python=$PWD/work/conformance/bin/python
cd "$suite"
exec "$python" -m pytest tuf_conformance --entrypoint "$client"
