#!/bin/sh
# bench.sh: keyrite beside go-tuf v2 and python-tuf on one file of 100,000 images.
#
# Usage: scripts/bench.sh (make bench)
#
# Builds the candidates under interop/work, from the Go proxy and PyPI, and
# prints times, memory and their ratios, all from this one run.
set -eu
cd "$(dirname "$0")/../interop"

go build -o work/bench/bin/ ./bench/keyrite ./bench/go-tuf-v2
python3 -m venv work/python
work/python/bin/pip install -q -r python-tuf/requirements.txt
exec go run ./bench .
