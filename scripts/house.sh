#!/usr/bin/env bash
# house.sh: a picture in text of the packages below ceremony/ and what they
# import, drawn from the code (make house). With --write it goes into README.md,
# between the two lines that name it; with --check that picture must be current.
#
# A floor is one more than the highest floor that a package imports from.
set -euo pipefail
cd "$(dirname "$0")/.."
base=github.com/uptane/keyrite/ceremony

picture() {
	go list -f '{{.ImportPath}} {{join .Imports " "}}' ./ceremony/... | awk -v base="$base/" '
		index($1, base) == 1 && $1 !~ /test$/ {
			name = substr($1, length(base) + 1); names[name] = 1; imports[name] = ""
			for (i = 2; i <= NF; i++)
				if (index($i, base) == 1) imports[name] = imports[name] " " substr($i, length(base) + 1)
		}
		function floor_of(name,   list, n, i, highest, f) {
			if (name in floor) return floor[name]
			n = split(imports[name], list, " "); highest = 0
			for (i = 1; i <= n; i++) { f = floor_of(list[i]); if (f > highest) highest = f }
			return floor[name] = highest + 1
		}
		END { for (name in names) print floor_of(name), name, imports[name] }' |
		sort -k1,1nr -k2,2 | awk '{
			list = ""; for (i = 3; i <= NF; i++) list = list (i > 3 ? " " : "") $i
			printf "%2s  %-12s %s\n", ($1 == last ? "" : $1), $2, (list == "" ? "" : "→ " list); last = $1 }'
}

begin='<!-- house.sh: begin -->' end='<!-- house.sh: end -->'
block() { printf '%s\n\n```\n%s\n```\n\n%s\n' "$begin" "$(picture)" "$end"; }
case ${1:-} in
--write)
	block >README.house
	sed -i -e "/$begin/,/$end/{/$end/r README.house" -e 'd}' README.md
	rm README.house
	;;
--check)
	diff <(sed -n "/$begin/,/$end/p" README.md) <(block) || { echo "README.md: the picture of the house is not current; run scripts/house.sh --write" >&2; exit 1; }
	;;
*) picture ;;
esac
