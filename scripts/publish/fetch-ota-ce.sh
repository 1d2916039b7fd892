#!/usr/bin/env bash
# fetch-ota-ce.sh: bring what a repo server of OTA Community Edition serves into a folder.
#
# Usage: fetch-ota-ce.sh URL DIR --namespace NAME [--curl FILE]
#
# URL and FILE are those of ota-ce.sh. DIR must not exist. Nothing of it is believed: carry
# DIR to the workspace, where keyrite import --update DIR verifies it.

. "$(dirname "$0")/lib.sh"

url='' to='' namespace='' config=''
while [ $# -gt 0 ]; do
	case $1 in
	--namespace) namespace=${2:-} && shift ;;
	--curl) config=${2:-} && shift ;;
	-*) usage ;;
	*) if [ -z "$url" ]; then url=${1%/}; elif [ -z "$to" ]; then to=$1; else usage; fi ;;
	esac
	shift
done
[ -n "$url" ] && [ -n "$to" ] && [ -n "$namespace" ] || usage
[ ! -e "$to" ] || die 2 "$to is there already"
need jq curl
dir=$work/dir/metadata
mkdir -p "$dir/delegations"

# get NAME: 0, or 1 where there is none. Canonical, as vehicles hash it.
get() {
	local status
	status=$(curl -sS "${patience[@]}" ${config:+-K "$config"} --max-filesize $((64 << 20)) -H "x-ats-namespace: $namespace" -o "$work/answer" -w '%{http_code}' "$url/$1") || die 1 "$url/$1"
	case $status in
	200) jq -jcSa . "$work/answer" >"$dir/$1" ;;
	404 | 424) return 1 ;;
	*) die 1 "$url/$1: status $status" ;;
	esac
}

get root.json || die 1 "$url/root.json is not there"
last=$(version "$dir/root.json")
for ((n = 1; n <= last; n++)); do get "$n.root.json" || say "$n.root.json is not there"; done
for name in timestamp targets; do get "$name.json" || say "$name.json is not there"; done
if get snapshot.json; then
	while IFS= read -r name; do
		case $name in root.json | targets.json) continue ;; */* | .*) die 4 "snapshot states a file $name" ;; esac
		get "delegations/$name" || say "$name is stated and not there"
	done < <(jq -r '.signed.meta | keys[]' "$dir/snapshot.json")
fi
rmdir "$dir/delegations" 2>/dev/null || true
mv "$work/dir" "$to"
say "fetched into $to: $(find "$to" -type f | wc -l) files"
