#!/usr/bin/env bash
# judge.sh: what a proposed change of a workspace would do, for those who review it.
#
# Usage: judge.sh WORKSPACE OUT
#
# Runs without any key or PIN, on what somebody proposes. Makes in OUT, which must not
# exist: findings.sarif, and comment.md with the plan of each repository, the findings of
# its policy, and which vehicles come along. Ends with 3 when the policy refuses it, 4 when
# vehicles stay behind, 1 or 2 when it cannot be planned, and with 0 otherwise.
set -euo pipefail

[ $# = 2 ] || { sed -n '2,/^set -/{s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
workspace=$1 out=$2 keyrite=${KEYRITE:-keyrite} worst=0
mkdir "$out"

# part TITLE COMMAND…: what a command says, as text that cannot end its block.
part() {
	local title=$1 code=0
	shift
	"$@" >"$out/said" 2>&1 || code=$?
	{
		printf '\n### %s\n\n' "$title"
		sed 's/^/    /' "$out/said" | head -c 20000
		echo
	} >>"$out/comment.md"
	rm "$out/said"
	return "$code"
}
# worse CODE: the worst of all is how it ends; 7 is a plan, and no harm.
worse() { [ "$1" = 7 ] || [ "$1" = 0 ] || [ "$worst" -ge "$1" ] || worst=$1; }

echo "## What this change of trust would do" >"$out/comment.md"
"$keyrite" policy check "$workspace" --sarif >"$out/findings.sarif" || true
part "Policy" "$keyrite" policy check "$workspace" || worse $?
repositories=$("$keyrite" --output json policy check "$workspace" | jq -r '.result.results // [] | .[].repository' | sort -u)
for repository in ${repositories:-image}; do
	code=0
	part "Plan of $repository" "$keyrite" -C "$workspace" plan "$repository" --detailed-exitcode --reason "proposed" || code=$?
	worse "$code"
	if [ "$code" = 7 ]; then
		plan=$(sed -n 's/^    ceremony \([^: ]*\).*/\1/p' "$out/comment.md" | tail -n 1)
		part "Vehicles of $repository" "$keyrite" -C "$workspace" simulate "$plan" || worse $?
	fi
done
exit "$worst"
