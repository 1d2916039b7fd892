#!/bin/sh
# make bench, the part of hsm/: what keyrite costs on top of a bare loop of
# C_SignInit and C_Sign on the same SoftHSM2 token, in one run, as ratios; what
# a ceremony pays to start; and how many PKCS#11 calls it makes.
set -eu

cd "$(dirname "$0")/.."
KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM

out=$(mktemp)
trap 'rm -f "$out"' EXIT
go test ./hsm -run '^$' -bench . -benchtime "${BENCHTIME:-2s}" >"$out" || { cat "$out" >&2; exit 1; }

awk '
function us(ns) { return sprintf("%.0f", ns / 1000) }
function ratio(ns, raw) { return sprintf("%.2f", ns / raw) }
/^BenchmarkSign\// {
	split($1, part, "/"); sub(/-[0-9]+$/, "", part[3])
	cost[part[2], part[3]] = $3
	if (part[3] == "raw") types[++n] = part[2]
}
/^BenchmarkStart/ { start = $3 }
/^BenchmarkCalls\// { split($1, part, "/"); sub(/-[0-9]+$/, "", part[2]); calls[part[2]] = $5 " (at least " $7 ")" }
END {
	print "| one signature, µs | raw | verify | keyrite, one by one | to raw | to raw + verify | keyrite, four under way | to raw |"
	print "|---|---|---|---|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		t = types[i]; raw = cost[t, "raw"]
		print "| " t " | " us(raw) " | " us(cost[t, "verify"]) " | " us(cost[t, "one"]) " | " ratio(cost[t, "one"], raw) \
			" | " ratio(cost[t, "one"], raw + cost[t, "verify"]) \
			" | " us(cost[t, "several"]) " | " ratio(cost[t, "several"], raw) " |"
	}
	printf "\nhelper start, open, login and lookup: %.1f ms per token\n", start / 1e6
	for (t in calls) print "PKCS#11 calls of a ceremony with three signatures, " t ": " calls[t]
}' "$out"
