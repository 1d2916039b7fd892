#!/usr/bin/env bash
# make bench, the part of hsm/: what keyrite costs on top of a bare loop of
# C_SignInit and C_Sign on the same SoftHSM2 token, as ratios of one run; what a
# ceremony pays to start; and how many PKCS#11 calls it makes. The loops take
# turns in several rounds, and the median of the rounds' ratios counts, since the
# machine is never quiet for long. A helper is a session of its own, and Linux shares a
# busy machine out between sessions, so that each request waits for others there: root
# measures as on a quiet machine with WITH="chrt -f 5".
set -eu

cd "$(dirname "$0")/.."
KEYRITE_SOFTHSM=$(scripts/hsm-softhsm.sh)
export KEYRITE_SOFTHSM

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -c -o "$work/hsm.test" ./hsm
cd hsm
for round in $(seq "${ROUNDS:-7}"); do
	echo "round $round"
	${WITH:-} "$work/hsm.test" -test.run '^$' -test.bench . -test.benchtime "${BENCHTIME:-0.5s}"
done >"$work/out" || { cat "$work/out" >&2; exit 1; }

awk '
function us(ns) { return sprintf("%.0f", ns / 1000) }
function median(name,   i, j, n, swap, list) {
	for (n = 0; (n + 1, name) in value; n++) list[n + 1] = value[n + 1, name]
	for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (list[j] < list[i]) { swap = list[i]; list[i] = list[j]; list[j] = swap }
	return list[int((n + 1) / 2)]
}
$1 == "round" { round = $2 }
/^BenchmarkSign\// {
	split($1, part, "/"); sub(/-[0-9]+$/, "", part[3])
	value[round, part[2] part[3]] = $3
	if (part[3] != "raw") next
	if (round == 1) types[++n] = part[2]
	value[round, part[2] "/one"] = value[round, part[2] "one"] / $3
	value[round, part[2] "/least"] = value[round, part[2] "one"] / ($3 + value[round, part[2] "verify"])
	value[round, part[2] "/several"] = value[round, part[2] "several"] / $3
}
/^BenchmarkStart/ { value[round, "start"] = $3 }
/^BenchmarkCalls\// { split($1, part, "/"); sub(/-[0-9]+$/, "", part[2]); calls[part[2]] = int($5) " (at least " int($7) ")" }
END {
	print "| one signature, µs | raw | verify | keyrite, one by one | to raw | to raw + verify | keyrite, several under way | to raw |"
	print "|---|---|---|---|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		t = types[i]
		printf "| %s | %s | %s | %s | %.2f | %.2f | %s | %.2f |\n", t, us(median(t "raw")), us(median(t "verify")), \
			us(median(t "one")), median(t "/one"), median(t "/least"), us(median(t "several")), median(t "/several")
	}
	printf "\nhelper start, open, login and lookup: %.1f ms per token\n", median("start") / 1e6
	for (t in calls) print "PKCS#11 calls of a ceremony with three signatures, " t ": " calls[t]
}' "$work/out"
