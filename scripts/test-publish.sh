#!/bin/sh
# test-publish.sh: the scripts that publish, against moto's S3 server besides their own.
#
# Usage: scripts/test-publish.sh (make test-publish)
set -eu
cd "$(dirname "$0")/.."

python3 -m venv .tools/moto
.tools/moto/bin/pip install -q 'moto[server]==5.2.5'
.tools/moto/bin/moto_server -p 5599 >.tools/moto.log 2>&1 &
server=$!
trap 'kill $server' EXIT
until curl -s -o .tools/moto.answer http://127.0.0.1:5599/; do sleep 0.2; done
go test -count=1 ./scripts/publish
KEYRITE_S3=http://127.0.0.1:5599 go test -count=1 -run TestS3 ./scripts/publish
