#!/bin/sh
# lint.sh: gofmt, vet, staticcheck (make lint).
set -eu
cd "$(dirname "$0")/.."

unformatted=$(gofmt -l cmd ceremony hsm policies roles interop)
[ -z "$unformatted" ] || { echo "$unformatted" >&2; exit 1; }
go vet ./...
go vet -tags modules ./hsm
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
